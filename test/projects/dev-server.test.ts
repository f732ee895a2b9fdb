// `npm run dev` of a generated project, and the tests that run beside it: what they start, they end.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { countOf, seed } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import { processesIn } from './support/processes.ts';
import {
  databaseUrl,
  makeProject,
  run,
  serverProcess,
  serversOf,
  service,
  sharePackages,
  showServer,
  start,
  startProgram,
  tidy,
  tidyAll,
  vitestRun,
  writeTest,
} from './support/scratch-project.ts';

beforeAll(sharePackages);
afterEach(tidy);
afterAll(tidyAll);

describe('npm run dev', () => {
  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'lets the app finish its requests on %s to the whole group, then ends it and the database',
    async (signal) => {
      const folder = makeProject();
      const dev = start(folder, 'server.ts');
      const [, origin] = await dev.until(/The app +(\S+)/);
      const slow = fetch(`${origin}/slow`).then((response) => response.text());
      await dev.until(/slow request/);
      expect(await dev.stop(signal)).toBe(0);
      expect(await slow).toBe('finished');
      expect(dev.output).toContain('migrating true');
      expect(processesIn(folder)).toEqual([]);
    },
  );

  test('takes its app with it when it is killed; the next command uses the server on', async () => {
    const folder = makeProject();
    const dev = start(folder, 'server.ts');
    await dev.until(/The app/);
    const server = serverProcess(folder);
    dev.signal('SIGKILL');
    await dev.exitCode; // its output is closed, so the app has ended too
    expect(dev.output).toContain('drained');
    writeFileSync(join(folder, 'show.js'), showServer);
    expect((await run(folder, 'with-database', ['show.js'])).stdout).toBe(String(server));
    expect(processesIn(folder)).toEqual([]);
  });

  test('leaves nothing behind when Ctrl-C comes while it starts', async () => {
    const folder = makeProject();
    await databaseUrl(folder);
    const random = randomFrom(seed());
    for (let round = 0; round < countOf('KILLS'); round += 1) {
      await run(folder, 'database-stop');
      const dev = start(folder, 'server.ts');
      const timer = setTimeout(() => dev.signal('SIGINT'), 150 + random() * 400);
      await dev.exitCode;
      clearTimeout(timer);
      expect(processesIn(folder)).toEqual([]);
    }
  });

  test('shares its server with the tests that run beside it', async () => {
    const folder = makeProject();
    writeTest(folder, 'await connection.query("DROP SCHEMA test_one")');
    const dev = start(folder, 'server.ts');
    const env = cleanEnvironment();
    await execa(process.execPath, vitestRun, { cwd: folder, env, extendEnv: false });
    await dev.until(/The app/);
    expect(serversOf(folder)).toHaveLength(1);
    expect(await dev.stop('SIGINT')).toBe(0);
    expect(processesIn(folder)).toEqual([]);
  });

  test('starts the app again at each change, and migrates it first where that changed', async () => {
    const folder = makeProject();
    const dev = start(folder, 'server.ts');
    await dev.until(/The app/);
    for (const round of [2, 3]) {
      save(join(folder, 'src/main.ts'), `${service}\n// ${round}`);
      await dev.until(times(/listening/, round));
    }
    mkdirSync(join(folder, 'src/new'));
    await dev.until(times(/listening/, 4));
    writeFileSync(join(folder, 'src/new/file.ts'), '');
    await dev.until(times(/listening/, 5));
    const port = await freePort();
    writeFileSync(join(folder, '.env'), `PORT=${port}\n`);
    await dev.until(new RegExp(`listening ${port}`));
    expect(dev.output.match(/migrating/g)).toHaveLength(1);

    writeFileSync(join(folder, 'migrations/broken.sql'), '');
    await dev.until(/The migrations are not applied; they are tried again at the next change/);
    rmSync(join(folder, 'migrations/broken.sql'));
    await dev.until(times(/listening/, 7));

    save(join(folder, 'src/main.ts'), 'throw new Error("broken")');
    await dev.until(/The app has ended with exit code 1; the next change starts it again/);
    save(join(folder, 'src/main.ts'), service);
    await dev.until(times(/listening/, 8));
    expect(await dev.stop('SIGINT')).toBe(0);
  });

  test('takes the next free port, even when one is taken after the look at it', async () => {
    const thief = createServer();
    const helper = createHttpServer((request, response) => {
      const port = Number(request.url?.slice(1));
      if (thief.listening) response.end();
      else thief.listen(port, '127.0.0.1', () => response.end());
    });
    helper.listen(0, '127.0.0.1');
    await once(helper, 'listening');
    const { port } = helper.address() as AddressInfo;
    const settings = { THIEF: `http://127.0.0.1:${port}/` };
    const dev = start(makeProject(), 'server.ts', [], settings);
    try {
      const [, origin] = await dev.until(/The app +(\S+)/);
      const taken = (thief.address() as AddressInfo).port;
      expect(new URL(`${origin}`).port).not.toBe(String(taken));
      expect(dev.output).toContain(`Port ${taken} is taken`);
      expect((await fetch(`${origin}/healthz`)).ok).toBe(true);
    } finally {
      helper.close();
      thief.close();
    }
  });
});

test('an interrupted test run leaves no server behind', async () => {
  const folder = makeProject();
  writeTest(folder, 'console.log("waiting"); await new Promise((done) => setTimeout(done, 1e6));');
  const tests = startProgram(folder, vitestRun);
  await tests.until(/waiting/);
  await tests.stop('SIGINT');
  await expect.poll(() => processesIn(folder), { timeout: 30_000 }).toEqual([]);
});

/** As many editors do it: a new file is renamed over the old one. */
function save(file: string, text: string): void {
  writeFileSync(`${file}~`, text);
  renameSync(`${file}~`, file);
}

const times = (pattern: RegExp, count: number): RegExp =>
  new RegExp(`(?:${pattern.source}[^]*){${count}}`);
