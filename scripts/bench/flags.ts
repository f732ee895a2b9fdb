import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import type { Stages } from '../lib/stage.ts';
import type { Backend } from './backend.ts';
import { type Figure, atMost, median, medianRatio, nanoseconds, times } from './figure.ts';

const rounds = 21;
const batches = 50;
/** Few enough that they are still at hand when they are asked for, as a request's own is. */
const batch = 1000;
const checks = batches * batch;
const listed = 1000;

/** The project's own modules, as far as they are measured. */
interface Modules {
  openDatabase: (deps: { settings: object; sealing: object }) => Promise<Closing>;
  openSealing: (deps: { settings: object; log: object }) => Promise<object>;
  createLog: (settings: object) => object;
  openDeclaredFlags: (deps: object) => Promise<Flags>;
}

interface Closing {
  close: () => Promise<void>;
}

interface Flags extends Closing {
  isOn: (name: string, subject: string) => boolean;
  set: (change: object) => Promise<void>;
}

/**
 * Processor time of one check of a flag, on the thread that asks, in a process with the looks at the
 * database that a service has. No subject was ever asked for before, as in a request: a string that
 * was looked up once is looked up faster.
 */
export async function measureFlags(stages: Stages, backend: Backend): Promise<Figure[]> {
  const { openDatabase, openSealing, createLog, openDeclaredFlags } = await modulesOf(
    backend.project,
  );
  const settings = { ...backend.settings, DATABASE_POOL_SIZE: 2 };
  const log = createLog({ LOG_LEVEL: 'silent' });
  // Of its own: nobody reads what this records.
  const KEYRING_SECRET = randomBytes(32).toString('base64url');
  const sealing = await openSealing({ settings: { KEYRING_SECRET, NODE_ENV: 'test' }, log });
  const database = await openDatabase({ settings, sealing });
  const declared = { share: { description: '' }, lists: { description: '' } };
  const flags = await openDeclaredFlags({ database, log, declared });
  try {
    const half = { state: 'percentage', percentage: 50, on: [], off: [] };
    const lists = { on: newSubjects(listed), off: newSubjects(listed) };
    const actor = 'bench';
    await flags.set({ actor, name: 'share', settings: half });
    await flags.set({ actor, name: 'lists', settings: { ...half, ...lists } });
    return await stages.run('Checking feature flags', () => Promise.resolve(race(flags, lists.on)));
  } finally {
    await flags.close();
    await database.close();
  }
}

async function modulesOf(project: string): Promise<Modules> {
  const load = (file: string): Promise<object> =>
    import(pathToFileURL(join(project, 'src', file)).href);
  const files = [
    'database/database.ts',
    'log.ts',
    'platform/sealing.ts',
    'domains/flags/service.ts',
  ];
  return Object.assign({}, ...(await Promise.all(files.map(load)))) as Modules;
}

function race(flags: Flags, known: readonly string[]): Figure[] {
  const took = { share: [] as number[], lists: [] as number[], floor: [] as number[] };
  const map = new Map(known.map((subject) => [subject, true]));
  for (let round = 0; round <= rounds; round += 1) {
    const share = timeOf((subject) => flags.isOn('share', subject));
    const lists = timeOf((subject) => flags.isOn('lists', subject));
    const floor = timeOf((subject) => map.has(subject));
    expectHalf(share.found, lists.found);
    // The first round warms up and is not counted.
    if (round === 0) continue;
    took.share.push(share.nanoseconds);
    took.lists.push(lists.nanoseconds);
    took.floor.push(floor.nanoseconds);
  }
  const figure = (name: string, values: readonly number[]): Figure => ({
    ...atMost(name, median(values), 200, nanoseconds),
    detail: `${times(medianRatio(values, took.floor))} a Map lookup of ${nanoseconds(median(took.floor))}, processor time, medians of ${rounds}`,
  });
  return [
    figure('flag by its share', took.share),
    figure(`flag on ${2 * listed} listed`, took.lists),
  ];
}

function timeOf(check: (subject: string) => boolean): { found: number; nanoseconds: number } {
  let [found, microseconds] = [0, 0];
  for (let turn = 0; turn < batches; turn += 1) {
    const subjects = newSubjects(batch);
    const started = process.threadCpuUsage();
    for (const subject of subjects) if (check(subject)) found += 1;
    const { user, system } = process.threadCpuUsage(started);
    microseconds += user + system;
  }
  return { found, nanoseconds: (microseconds * 1000) / checks };
}

/** UUIDs as a request brings them: each a string of its own, in one piece. */
function newSubjects(count: number): string[] {
  return Array.from({ length: count }, () => Buffer.from(crypto.randomUUID()).toString('latin1'));
}

/** Half, but for chance. @throws Error where what was measured were no checks */
function expectHalf(...counts: number[]): void {
  if (counts.every((count) => Math.abs(count / checks - 0.5) < 0.02)) return;
  throw new Error(`Of ${checks} subjects ${counts.join(' and ')} are within half.`);
}
