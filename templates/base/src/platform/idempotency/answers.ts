// How an answer is kept: sealed, since it may tell what the database has sealed elsewhere.
import { defineError, type AppError, type ErrorDetails } from '#app/errors.ts';
import type { HandlerReply } from '#app/http/hook.ts';
import type { Sealing } from '../sealing.ts';

type Kept =
  | { readonly reply: HandlerReply }
  | {
      readonly refusal: {
        readonly code: string;
        readonly status: number;
        readonly title: string;
        readonly details: ErrorDetails;
      };
    };

const replayed = { 'Idempotency-Replayed': 'true' };

export function sealReply(sealing: Sealing, scope: Buffer, reply: HandlerReply): Buffer {
  return seal(sealing, scope, { reply });
}

export function sealRefusal(sealing: Sealing, scope: Buffer, error: AppError): Buffer {
  const { code, status, title } = error.kind;
  return seal(sealing, scope, { refusal: { code, status, title, details: error.details } });
}

/**
 * Gives an answer once more, marked as such.
 *
 * @throws AppError what was refused
 */
export function giveAgain(
  sealing: Sealing,
  { scope, answer }: { readonly scope: Buffer; readonly answer: Buffer },
): HandlerReply {
  const kept = JSON.parse(sealing.unseal(purposeOf(scope), answer)) as Kept;
  if ('reply' in kept) {
    return { ...kept.reply, headers: { ...kept.reply.headers, ...replayed } };
  }
  const { code, status, title, details } = kept.refusal;
  const again = defineError(code, status, title);
  throw again({ ...details, headers: { ...details.headers, ...replayed } });
}

function seal(sealing: Sealing, scope: Buffer, kept: Kept): Buffer {
  return sealing.seal(purposeOf(scope), JSON.stringify(kept));
}

/** It opens in its own row alone. */
function purposeOf(scope: Buffer): string {
  return `idempotency ${scope.toString('hex')}`;
}
