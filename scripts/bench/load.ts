import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { cleanEnvironment } from '../lib/environment.ts';
import { root } from '../lib/root.ts';

interface Result {
  requests: { total: number };
  duration: number;
  errors: number;
  timeouts: number;
  non2xx: number;
}

/**
 * Puts a route under load by 50 connections, from a process of its own.
 *
 * @returns requests per second
 * @throws Error if any answer was not 2xx
 */
export async function load(url: string, token: string, seconds: number): Promise<number> {
  const client = join(root, 'node_modules', 'autocannon', 'autocannon.js');
  const args = [
    '-j',
    '-c',
    '50',
    '-d',
    String(seconds),
    '-H',
    `authorization=Bearer ${token}`,
    url,
  ];
  const { stdout } = await execa(process.execPath, [client, ...args], {
    env: cleanEnvironment(),
    extendEnv: false,
  });
  const result = JSON.parse(stdout) as Result;
  const wrong = result.errors + result.timeouts + result.non2xx;
  if (wrong > 0) throw new Error(`${wrong} requests to ${url} failed under load.`);
  return result.requests.total / result.duration;
}
