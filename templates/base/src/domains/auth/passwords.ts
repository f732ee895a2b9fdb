import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Settings } from '#app/settings.ts';
import { signInBusy } from './errors.ts';

const argon2Async = promisify(argon2);

interface Cost {
  /** In KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** argon2id as OWASP's Password Storage Cheat Sheet asks. */
const strong: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
/** For tests, which hash a thousand passwords that nobody wants to know. */
const quick: Cost = { memory: 64, passes: 1, parallelism: 1 };
const hashLength = 32;
const saltLength = 16;

/** Hashes at once. Each keeps one of the four threads busy that files and names are looked up on. */
const concurrency = 2;
/** Hashes that may wait, some 15 ms each; more are turned away, which is better than all being slow. */
const queueLimit = 50;

export interface Passwords {
  /** Makes the PHC string to store. */
  hash(password: string): Promise<string>;
  /**
   * Says whether the password is the one that was hashed. Without a stored string the answer is no,
   * after the same work, so that time does not tell whether the address is known.
   */
  verify(password: string, stored: string | undefined): Promise<boolean>;
  /** Says whether a stored string was made with less work than is asked today. */
  needsRehash(stored: string): boolean;
}

/** Hashes passwords with a bounded queue in front; a full queue answers 503 at once. */
export function openPasswords({ NODE_ENV }: Pick<Settings, 'NODE_ENV'>): Passwords {
  const cost = NODE_ENV === 'test' ? quick : strong;
  const limited = limiter(concurrency, queueLimit);
  const nobody = encode(cost, randomBytes(saltLength), randomBytes(hashLength));
  const derive = (password: string, salt: Buffer, parameters: Cost, tagLength: number) =>
    limited(() =>
      argon2Async('argon2id', {
        message: password.normalize('NFKC'),
        nonce: salt,
        tagLength,
        ...parameters,
      }),
    );

  return {
    async hash(password) {
      const salt = randomBytes(saltLength);
      return encode(cost, salt, await derive(password, salt, cost, hashLength));
    },

    async verify(password, stored) {
      const { parameters, salt, hash } = decode(stored ?? nobody);
      const derived = await derive(password, salt, parameters, hash.length);
      return timingSafeEqual(derived, hash) && stored !== undefined;
    },

    needsRehash(stored) {
      const { memory, passes } = decode(stored).parameters;
      return memory < cost.memory || passes < cost.passes;
    },
  };
}

/** The PHC string format: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
function encode(parameters: Cost, salt: Buffer, hash: Buffer): string {
  const { memory, passes, parallelism } = parameters;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function decode(stored: string) {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(stored);
  if (match === null) throw new Error('A stored password is not an argon2id PHC string');
  const [, memory, passes, parallelism, salt = '', hash = ''] = match;
  return {
    parameters: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
    },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function limiter(running: number, waiting: number) {
  const queue: (() => void)[] = [];
  let free = running;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) {
      free -= 1;
    } else {
      if (queue.length >= waiting) throw signInBusy({ retryAfter: 1 });
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
