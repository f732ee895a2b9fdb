import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import process from 'node:process';

import { say } from './say.js';

// A lock among the processes of this machine is a listening socket without a file: it ends with its
// process, however that ends. Where the system has no such sockets (macOS) there is no lock.

/**
 * Takes a lock, if nobody has it.
 *
 * @param {string} name of what must not be done twice at once
 * @returns {Promise<(() => void) | undefined>} releases it; undefined: somebody else has it
 */
export async function tryLock(name) {
  const address = addressOf(name);
  return address === undefined ? () => undefined : tryListen(address);
}

/**
 * Does something while no other process on this machine does the same; waits for one that does.
 *
 * @template Result
 * @param {string} name of what must not be done twice at once
 * @param {() => Promise<Result>} work
 * @param {string} [waiting] what to say when there is somebody to wait for
 * @returns {Promise<Result>}
 */
export async function whileLocked(name, work, waiting) {
  const address = addressOf(name);
  if (address === undefined) return work();
  const release = await acquire(address, waiting);
  try {
    return await work();
  } finally {
    release();
  }
}

/** @param {string} name */
function addressOf(name) {
  const id = `create-shipkit-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${id}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${id}`;
  return undefined;
}

/**
 * @param {string} address
 * @param {string | undefined} waiting
 */
async function acquire(address, waiting) {
  for (let waited = false; ; waited = true) {
    const release = await tryListen(address);
    if (release !== undefined) return release;
    if (!waited && waiting !== undefined) say(waiting);
    await untilClosed(address);
  }
}

/**
 * @param {string} address
 * @returns {Promise<(() => void) | undefined>} undefined: somebody else holds it
 */
function tryListen(address) {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('close', () => waiting.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  const release = () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
  return new Promise((done, failed) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? done(undefined) : failed(error),
    );
    server.listen(address, () => done(release));
  });
}

/** The holder never answers; its end closes the connection. @param {string} address */
function untilClosed(address) {
  return new Promise((done) => {
    const socket = connect(address);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => done(undefined));
    socket.resume();
  });
}
