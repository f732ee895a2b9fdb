import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { start } from '#app/lifecycle.ts';
import { defineJob } from '#app/platform/jobs/define-job.ts';
import { watchWorkers } from '#app/platform/jobs/in-web.ts';
import { doesJobsInWeb } from '#app/platform/jobs/settings.ts';
import { tellPresence } from '#app/platform/jobs/presence.ts';
import { calls, soon, useJobs } from './support/jobs.ts';

const jobs = useJobs();

test('jobs are done beside the requests but for production, unless it is said otherwise', () => {
  const settings = { JOBS_WORKERS: 5, WORKER_PORT: undefined };
  for (const [NODE_ENV, JOBS_IN_WEB, expected] of [
    ['production', undefined, false],
    ['production', true, true],
    ['development', undefined, true],
    ['test', undefined, true],
    ['test', false, false],
  ] as const) {
    expect(doesJobsInWeb({ ...settings, NODE_ENV, JOBS_IN_WEB })).toBe(expected);
  }
});

test('a service whose jobs nobody does warns once, and is degraded until somebody does', async () => {
  const watch = await watchWorkers(jobs.services, { pause: 20 });
  try {
    await expect.poll(() => watch.problem, soon).toContain('Nobody does jobs');
    await tellPresence(jobs.services);
    await expect.poll(() => watch.problem, soon).toBeUndefined();
    expect(jobs.lines.filter(({ msg }) => String(msg).includes('Nobody does jobs'))).toHaveLength(
      1,
    );
  } finally {
    await watch.close();
  }
});

test('who is told to stop takes no more jobs, while it still serves what has begun', async () => {
  const { settings, log, jobQueue } = jobs.services;
  const service = await start({ ...settings, JOBS_IN_WEB: true }, log);
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  const head = ['POST /v1/auth/login HTTP/1.1', 'Host: localhost', 'Expect: 100-continue'];
  const body = ['Content-Type: application/json', 'Content-Length: 2', '', ''];
  socket.write([...head, ...body].join('\r\n'));
  await once(socket, 'data');

  const stopped = service.stop();
  await jobQueue.take({ id: 'meanwhile', name: 'note', accountId: null }, {});
  const done = calls<string>();
  const handle = async (_payload: object, { key }: { key: string }) => done.note(key);
  await jobs.work([defineJob({ name: 'note', payload: z.strictObject({}), handle })]);
  expect(await done.until(1)).toEqual(['meanwhile']);

  socket.write('{}');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('422');
  await stopped;
  // The service would not know it, and count that as an attempt.
  await expect.poll(() => jobs.rows(), soon).toMatchObject([{ state: 'completed', attempts: 0 }]);
});
