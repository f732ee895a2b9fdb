import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Seconds that the clocks of the sender and of this service may differ, and a delivery may take. */
const tolerance = 300;

/**
 * The id of an event that Resend has signed, and just now: it is signed anew each time it is sent,
 * and has the same id then. https://docs.svix.com/receiving/verifying-payloads/how-manual
 *
 * @param secrets the endpoint's; while one is rotated Resend signs with each
 * @returns nothing where nobody whom we know has signed it
 */
export function signedId(
  payload: Buffer,
  headers: IncomingHttpHeaders,
  secrets: readonly string[],
): string | undefined {
  const [id, timestamp, signatures] = ['svix-id', 'svix-timestamp', 'svix-signature'].map((name) =>
    headers[name]?.toString(),
  );
  if (id === undefined || timestamp === undefined || signatures === undefined) return undefined;
  // What the table of events has room for.
  if (!/^[\w.-]{1,255}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return undefined;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) return undefined;

  const given = signatures.split(' ').map((signature) => Buffer.from(signature));
  const expected = secrets.map((secret) => signatureOf(secret, id, timestamp, payload));
  const isSigned = expected.some((one) => given.some((other) => isEqual(one, other)));
  return isSigned ? id : undefined;
}

function signatureOf(secret: string, id: string, timestamp: string, payload: Buffer): Buffer {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(payload);
  return Buffer.from(`v1,${hmac.digest('base64')}`);
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
