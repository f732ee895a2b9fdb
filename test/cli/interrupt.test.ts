import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import { changeIn, cli, listing, startCli, temporaryFolder, workFolder } from './support/cli.ts';

const args = ['shop', '--yes', '--tier=professional', '--no-install'];
const kills = countOf('KILLS');
const random = randomFrom(seed());
const moments = Array.from({ length: kills }, (_, index) => ({ index, at: random() }));

let whole: string[] = [];
let duration = 0;

beforeAll(async () => {
  // The first run also fills the compile cache, so that only the second one tells how long it takes.
  await uninterrupted();
  const started = performance.now();
  whole = await uninterrupted();
  duration = performance.now() - started;
});

describe(`an interrupt (SEED=${seed()}) leaves nothing, or the whole project:`, () => {
  test.each(moments)('SIGINT at random moment $index', async ({ at }) => {
    const cwd = workFolder();
    const ended = await killed(cwd, 'SIGINT', momentOf(at));
    // Before the program is loaded, Node itself ends by the signal.
    expect([0, 130, 'SIGINT']).toContain(ended);
    expect([[], whole]).toContainEqual(withoutGit(cwd));
  });

  test.each(moments)('SIGINT while files are written, moment $index', async ({ at }) => {
    const cwd = workFolder();
    const ended = await killed(cwd, 'SIGINT', whenStaged(cwd, at));
    // When the program is done, Node itself ends by the signal.
    expect([0, 130, 'SIGINT']).toContain(ended);
    expect(withoutGit(cwd)).toEqual(ended === 130 ? [] : whole);
  });

  test.each(moments)('SIGKILL at random moment $index, and again by the next run', async (it) => {
    const cwd = workFolder();
    await killed(cwd, 'SIGKILL', it.index % 2 === 0 ? momentOf(it.at) : whenStaged(cwd, it.at));
    const left = withoutGit(cwd).filter((path) => !path.startsWith('.shop.shipkit-'));
    expect([[], whole]).toContainEqual(left);

    await cli(args, { cwd });
    expect(withoutGit(cwd)).toEqual(whole);
  });
});

describe('the staging folder', () => {
  test('of a run that is still going on is left alone', async () => {
    const cwd = workFolder();
    const theirs = `.shop.shipkit-${process.pid}-0badcafe`;
    mkdirSync(join(cwd, theirs));
    await cli(args, { cwd });
    expect(listing(cwd)).toContain(`${theirs}/`);
  });

  test('of another project, and what only looks like one, is left alone', async () => {
    const cwd = workFolder();
    const others = ['.shop.shipkit-notes', '.shop2.shipkit-999999-0badcafe', '.shop.shipkit-1-x'];
    for (const other of others) writeFileSync(join(cwd, other), '');
    await cli(args, { cwd });
    expect(listing(cwd)).toEqual(expect.arrayContaining(others));
  });
});

test('an interrupt while installing keeps the whole project, says so, and exits 130', async () => {
  const cwd = workFolder();
  const bin = temporaryFolder('slow-npm');
  writeFileSync(
    join(bin, 'npm'),
    `#!/bin/sh\necho $$ > ${bin}/new\nmv ${bin}/new ${bin}/pid\nexec sleep 60\n`,
    {
      mode: 0o755,
    },
  );
  const env = { PATH: `${bin}:${process.env['PATH']}` };
  const child = startCli(['shop', '--yes', '--no-git'], { cwd, env });
  await changeIn(bin, (name) => name.startsWith('pid'));
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(130);
  expect(stderr).toContain('the project is whole in');
  expect(listing(cwd)).toContain('shop/package.json');
  const pid = Number(readFileSync(join(bin, 'pid'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

async function uninterrupted(): Promise<string[]> {
  const cwd = mkdtempSync(join(tmpdir(), 'shipkit-whole-'));
  try {
    await startCli(args, { cwd });
    return withoutGit(cwd);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** Ends a run at the moment; how it ended: its exit code, or the signal. */
async function killed(
  cwd: string,
  signal: NodeJS.Signals,
  moment: Promise<unknown>,
): Promise<number | string | undefined> {
  const child = startCli(args, { cwd });
  await Promise.race([moment, child]);
  child.kill(signal);
  const { exitCode, signal: by } = await child;
  return exitCode ?? by;
}

/** Some time in the length of a run, or shortly after it. */
async function momentOf(at: number): Promise<void> {
  await after(at * duration * 1.1);
}

/** Some time after the first folder came, while it is being filled. */
async function whenStaged(cwd: string, at: number): Promise<void> {
  await changeIn(cwd, () => true);
  await after(at * (duration / 3));
}

function withoutGit(cwd: string): string[] {
  return listing(cwd).filter((path) => !path.includes('/.git/'));
}
