import { randomFillSync } from 'node:crypto';

const random = Buffer.alloc(10);

/**
 * Makes a UUIDv7 (RFC 9562, section 5.7): milliseconds since 1970 first, so that new rows land at
 * the end of the index, then 74 random bits.
 *
 * @param now milliseconds since 1970
 */
export function newId(now: number = Date.now()): string {
  randomFillSync(random);
  random[0] = ((random[0] ?? 0) & 0x0f) | 0x70;
  random[2] = ((random[2] ?? 0) & 0x3f) | 0x80;
  const time = now.toString(16).padStart(12, '0');
  const rest = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}
