import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { defineJob } from '#app/platform/jobs/define-job.ts';
import { nextTime, type Schedule } from '#app/platform/jobs/next-time.ts';
import { forgetSchedules, listSchedules, planRuns } from '#app/platform/jobs/schedules.ts';
import { calls, soon, useJobs } from './support/jobs.ts';

const jobs = useJobs();

beforeEach(() => query('DELETE FROM queue_schedules'));

const query = (statement: string) => jobs.database.connection.query(statement);
const plan = (...known: ReturnType<typeof daily>[]) => planRuns(jobs.services, known);
const ids = async () => (await jobs.rows()).map(({ id }) => id);

const scheduled = (schedule: Schedule, handle: (day: string) => Promise<void>) =>
  defineJob({
    name: 'tidy',
    payload: z.strictObject({ what: z.string() }),
    schedule: { ...schedule, payload: { what: 'everything' } },
    handle: ({ what }) => handle(what),
  });
const daily = (handle: (what: string) => Promise<void> = async () => {}) =>
  scheduled({ cron: '0 6 * * *' }, handle);

/** As if the runs up to then had been planned. */
const plannedAt = (moment: string) => query(`UPDATE queue_schedules SET planned_at = ${moment}`);
const yesterday = 'UTC_TIMESTAMP(3) - INTERVAL 25 HOUR';

test('the next time is by cron in UTC, or at multiples of so many seconds', () => {
  const after = new Date('2026-11-26T05:59:59.999Z');
  for (const [schedule, expected] of [
    [{ cron: '0 6 * * *' }, '2026-11-26T06:00:00.000Z'],
    [{ cron: '30 5 * * 1' }, '2026-11-30T05:30:00.000Z'],
    [{ cron: '0 0 29 2 *' }, '2028-02-29T00:00:00.000Z'],
    [{ every: 3600 }, '2026-11-26T06:00:00.000Z'],
    [{ every: 90 }, '2026-11-26T06:00:00.000Z'],
  ] as const) {
    expect(nextTime(schedule, after).toISOString()).toBe(expected);
  }
  const atSix = new Date('2026-11-26T06:00:00.000Z');
  expect(nextTime({ cron: '0 6 * * *' }, atSix).toISOString()).toBe('2026-11-27T06:00:00.000Z');
});

test.for<[Schedule, string]>([
  [{ cron: 'at six' }, 'tidy'],
  [{ cron: '99 6 * * *' }, 'tidy'],
  [{ every: 0 }, 'every 0 seconds'],
  [{ every: 1.5 }, 'every 1.5 seconds'],
])('the schedule %j is none', ([schedule, message]) => {
  expect(() => scheduled(schedule, async () => {})).toThrow(message);
});

test('a run that is due is planned once, by however many processes look', async () => {
  expect(await plan(daily())).toBe(false);
  await plannedAt(yesterday);
  const looks = Array.from({ length: 10 }, () => plan(daily()));
  expect((await Promise.all(looks)).filter(Boolean)).toHaveLength(1);
  expect(await ids()).toEqual([expect.stringMatching(/^tidy@\d{8}T060000Z$/)]);
  expect(await plan(daily())).toBe(false);
});

test('a new schedule has its first run at its next time, and not at once', async () => {
  for (let look = 0; look < 3; look += 1) expect(await plan(daily())).toBe(false);
  expect(await jobs.rows()).toEqual([]);
});

test('of all the runs that were missed one is made up for', async () => {
  await plan(daily());
  await plannedAt('UTC_TIMESTAMP(3) - INTERVAL 30 DAY');
  for (let look = 0; look < 3; look += 1) await plan(daily());
  expect(await ids()).toHaveLength(1);
});

test('none is planned while the one before is not over', async () => {
  await plan(daily());
  await plannedAt(yesterday);
  await plan(daily());
  await query('UPDATE queue_jobs SET id = CONCAT(id, "0"), attempts = 3');
  await query('UPDATE queue_schedules SET last_job_id = CONCAT(last_job_id, "0")');
  await plannedAt(yesterday);
  expect(await plan(daily())).toBe(false);
  await query(`UPDATE queue_jobs SET state = 'failed'`);
  expect(await plan(daily())).toBe(true);
});

test('a worker does what is due, with what its schedule says', async () => {
  const done = calls<string>();
  const job = daily(async (what) => done.note(what));
  await plan(job);
  await plannedAt(yesterday);
  await jobs.work([job]);
  expect(await done.until(1)).toEqual(['everything']);
  await expect.poll(async () => (await jobs.rows())[0]?.['state'], soon).toBe('completed');
});

test('schedules are listed with their next time, and forgotten where there are none', async () => {
  expect(await listSchedules(jobs.services.database, [daily()])).toEqual([
    { name: 'tidy', when: '0 6 * * *', nextAt: null },
  ]);
  await plan(daily());
  await plannedAt("'2026-11-26 06:00:00'");
  expect(await listSchedules(jobs.services.database, [daily()])).toEqual([
    { name: 'tidy', when: '0 6 * * *', nextAt: new Date('2026-11-27T06:00:00Z') },
  ]);
  await forgetSchedules(jobs.services.database, [daily()]);
  expect((await query('SELECT name FROM queue_schedules'))[0]).toEqual([{ name: 'tidy' }]);
  await forgetSchedules(jobs.services.database, []);
  expect((await query('SELECT name FROM queue_schedules'))[0]).toEqual([]);
});
