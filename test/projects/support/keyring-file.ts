// The file in which a project on one host has its keys.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StoredKey {
  secret: string;
  createdAt: string;
  retireAt?: string | null;
}

export interface StoredRing {
  version: 1;
  next: StoredKey | null;
  primary: StoredKey;
  fallback: StoredKey | null;
  sessionsToEnd?: string;
}

/** A random secret of the form that a keyring has. */
export function newKey(): StoredKey {
  const secret = randomBytes(32).toString('base64url');
  return { secret, createdAt: new Date().toISOString() };
}

export class KeyringFile {
  readonly #secrets: string;

  /** @param folder of the project */
  constructor(folder: string) {
    this.#secrets = join(folder, 'secrets');
  }

  read(): StoredRing {
    return JSON.parse(readFileSync(this.#file, 'utf8')) as StoredRing;
  }

  write(ring: StoredRing): void {
    writeFileSync(this.#file, JSON.stringify(ring));
  }

  /** As if the time had passed for which the key before the last is kept. */
  letFallbackRetire(): void {
    const ring = this.read();
    if (ring.fallback === null) return;
    this.write({ ...ring, fallback: { ...ring.fallback, retireAt: '2020-01-01T00:00:00.000Z' } });
  }

  /** Names of what was left of writes that were killed; it holds keys. */
  drafts(): string[] {
    return readdirSync(this.#secrets).filter((name) => name.endsWith('.new'));
  }

  get #file(): string {
    return join(this.#secrets, 'jwt-keys.json');
  }
}
