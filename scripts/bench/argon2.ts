// How many of the service's password hashes this machine does in a second, two at once. Prints the
// number.

import { argon2, randomBytes } from 'node:crypto';
import process from 'node:process';
import { promisify } from 'node:util';

const hash = promisify(argon2);
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
const milliseconds = Number(process.argv[2]) * 1000;

const started = performance.now();
let hashes = 0;
await Promise.all([hashAgain(), hashAgain()]);
process.stdout.write(String((hashes * 1000) / (performance.now() - started)));

async function hashAgain(): Promise<void> {
  while (performance.now() - started < milliseconds) {
    const message = 'correct horse battery staple';
    await hash('argon2id', { message, nonce: randomBytes(16), ...cost });
    hashes += 1;
  }
}
