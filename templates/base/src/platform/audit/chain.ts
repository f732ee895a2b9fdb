// What makes the audit log tamper-evident: each entry has a hash over itself and the one before,
// which takes a key that the database does not have.
import type { Sealing } from '../sealing.ts';

/** What is recorded of an act. */
export interface Entry {
  readonly actor: string;
  readonly operator: string | null;
  readonly action: string;
  readonly subject: string | null;
  /** JSON, as it is stored. */
  readonly detail: string | null;
  readonly requestId: string | null;
}

/** An entry in its place. */
export interface Link extends Entry {
  readonly id: number;
  readonly at: Date;
}

/** Where a log ends. */
export interface Head {
  /** Of the last entry; 0 where there is none. */
  readonly sequence: number;
  readonly hash: Buffer;
}

export const emptyHead: Head = { sequence: 0, hash: Buffer.alloc(32) };

/**
 * The hash of an entry: an HMAC over the hash before it, 32 bytes, and the row's columns as one JSON
 * array in UTF-8, where no two rows are the same text.
 */
export function hashOf(
  sealing: Pick<Sealing, 'authenticate'>,
  previous: Buffer,
  link: Link,
): Buffer {
  return sealing.authenticate('audit_log', Buffer.concat([previous, Buffer.from(canonical(link))]));
}

function canonical(link: Link): string {
  const { id, at, actor, operator, action, subject, detail, requestId } = link;
  return JSON.stringify([
    id,
    at.toISOString(),
    actor,
    operator,
    action,
    subject,
    detail,
    requestId,
  ]);
}

/** A head as people and commands pass it on: `<sequence>:<hash in hexadecimal>`. */
export function formatHead({ sequence, hash }: Head): string {
  return `${sequence}:${hash.toString('hex')}`;
}

/** @returns nothing where the text is no head */
export function parseHead(text: string): Head | undefined {
  const [, sequence = '', hash = ''] = /^(\d{1,15}):([\da-f]{64})$/i.exec(text) ?? [];
  return hash === '' ? undefined : { sequence: Number(sequence), hash: Buffer.from(hash, 'hex') };
}
