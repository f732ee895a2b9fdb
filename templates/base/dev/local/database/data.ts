// The data folder of a new database.
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instance, Program } from '../kind.ts';
import { say } from '../progress.ts';
import { writeRecord } from '../record.ts';
import { run } from '../run.ts';

/** Both servers refuse to run as root unless they are told to. */
export const asRoot: readonly string[] = process.getuid?.() === 0 ? ['--user=root'] : [];

/**
 * Makes the data folder if there is none: beside its place, and moved there when it is complete, so
 * that a kill leaves no half of it.
 *
 * @returns what removes it again, where it was made
 */
export async function makeData(
  { home, record }: Instance,
  program: Program,
  signal: AbortSignal | undefined,
): Promise<(() => void) | undefined> {
  if (existsSync(join(home, 'data'))) return undefined;
  for (const left of globSync('making-*', { cwd: home })) {
    rmSync(join(home, left), { recursive: true, force: true, maxRetries: 5 });
  }
  say('making a private database in .shipkit/local (once) …');
  const making = join(home, `making-${randomUUID()}`);
  mkdirSync(join(making, 'tmp'), { recursive: true });
  await fillFolder(program, making, signal);
  record.madeBy = program.make;
  writeRecord(home, record);
  renameSync(join(making, 'data'), join(home, 'data'));
  rmSync(making, { recursive: true });
  return () => rmSync(join(home, 'data'), { recursive: true, force: true, maxRetries: 5 });
}

async function fillFolder(
  { installer, server, options, env }: Program,
  making: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const data = `--datadir=${join(making, 'data')}`;
  const temporary = `--tmpdir=${join(making, 'tmp')}`;
  const common = ['--no-defaults', ...asRoot, ...options, data, temporary];
  if (!installer) {
    const args = [...common, '--initialize-insecure', '--secure-file-priv=NULL'];
    await run(server, args, { env, signal });
  } else if (installer.endsWith('.exe')) {
    await run(installer, [data], { env, signal });
  } else {
    const args = [...common, '--skip-test-db', '--skip-name-resolve'];
    await withPlainPath(join(making, '../..'), (plain) =>
      run(installer, args.map(plain), { env, signal }),
    );
  }
}

/** MariaDB's installer is a shell script that takes no path with a space: it gets a link to it. */
async function withPlainPath(
  folder: string,
  action: (plain: (text: string) => string) => Promise<unknown>,
): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'database-'));
  const link = join(temporary, 'local');
  symlinkSync(folder, link);
  try {
    await action((text) => text.replace(folder, link));
  } finally {
    rmSync(temporary, { recursive: true });
  }
}
