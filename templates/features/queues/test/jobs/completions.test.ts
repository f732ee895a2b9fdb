import { expect, test } from 'vitest';
import { openCompletions } from '#app/platform/jobs/completions.ts';
import { useJobs } from './support/jobs.ts';

const jobs = useJobs();

test('who has done a job goes on while that is written down, and who stops waits for it', async () => {
  const { connection } = jobs.database;
  await connection.query(
    "INSERT INTO queue_jobs (id, name, payload, next_at) VALUES ('done', 'note', '', UTC_TIMESTAMP(3))",
  );
  const completions = openCompletions(jobs.services, new AbortController().signal);
  await connection.query('START TRANSACTION');
  await connection.query('SELECT id FROM queue_jobs FOR UPDATE');
  await completions.add('done');
  await connection.query('COMMIT');
  await completions.close();
  expect(await jobs.rows()).toMatchObject([{ id: 'done', state: 'completed' }]);
});
