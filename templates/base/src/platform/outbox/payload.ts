// How a payload lies in its row: sealed for that row and kind, so that it opens nowhere else.
import type { Sealing } from '../sealing.ts';

interface Row {
  readonly id: string;
  readonly kind: string;
}

export function sealPayload(sealing: Sealing, row: Row, payload: unknown): Buffer {
  return sealing.seal(purposeOf(row), JSON.stringify(payload));
}

/** @throws SealingError where it was changed, or sealed with another key */
export function openPayload(sealing: Sealing, row: Row & { readonly payload: Buffer }): unknown {
  return JSON.parse(sealing.unseal(purposeOf(row), row.payload));
}

function purposeOf({ id, kind }: Row): string {
  return `outbox ${kind} ${id}`;
}
