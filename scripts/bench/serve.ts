// What the servers of the comparison have in common with the generated one: its settings.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import type { Express } from 'express';
import { type Pool, createPool } from 'mysql2/promise';

export function openPool(): Pool {
  const { DATABASE_URL = '', DATABASE_POOL_SIZE = '10' } = process.env;
  return createPool({
    uri: DATABASE_URL,
    connectionLimit: Number(DATABASE_POOL_SIZE),
    charset: 'utf8mb4',
    timezone: 'Z',
  });
}

/** Listens on loopback, and tells on stderr when it does: stdout is the log. */
export function listen(app: Express): void {
  const server: Server = app.listen(Number(process.env['PORT']), '127.0.0.1', () => {
    process.stderr.write(`listening on ${(server.address() as AddressInfo).port}\n`);
  });
}
