import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Whether a server could listen on this port now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  return promise;
}

/**
 * A free port for a server that keeps it: out of a range that no system hands out by itself, so
 * that it is most likely still free when the server starts again.
 */
export async function findPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(20_000, 30_000);
    if (await isFree(port)) return port;
  }
  throw new Error('No free port was found between 20000 and 29999 on 127.0.0.1.');
}

/** The first free port from `first` on. */
export async function nextPort(first: number, host: string): Promise<number> {
  for (let port = first; port < first + 100; port += 1) {
    if (await isFree(port, host)) return port;
  }
  throw new Error(`No free port was found between ${first} and ${first + 99} on ${host}.`);
}
