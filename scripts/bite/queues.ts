import type { Guard } from './guards.ts';

const jobs = 'src/platform/jobs';

/** What keeps jobs from being lost, and from being done again without need. */
export const queueGuards: readonly Guard[] = [
  {
    name: 'who waits for a job keeps its connection',
    file: `${jobs}/job-queue.ts`,
    find: '    socketTimeout: silence,\n',
    replace: '',
    test: 'test/jobs/connection.test.ts',
    title: 'who has nothing to do waits on one connection',
  },
  {
    name: 'what who does a job has asked of Redis is asked again when it is back',
    file: `${jobs}/receive.ts`,
    find: 'duplicate({ autoResendUnfulfilledCommands: true })',
    replace: 'duplicate()',
    test: 'test/jobs/connection.test.ts',
    title: 'who waits for an answer when Redis is killed',
  },
  {
    name: 'a job is one in Redis, however often it is delivered',
    file: `${jobs}/job-queue.ts`,
    find: 'opts: { jobId: id, delay }',
    replace: 'opts: { delay }',
    test: 'test/jobs/enqueue.test.ts',
    title: 'what is delivered twice is one job',
  },
  {
    name: 'a job that is delivered again is looked up',
    file: `${jobs}/job-queue.ts`,
    find: "kept === 'new' ? { payload: sealed } : {}",
    replace: '{ payload: sealed }',
    test: 'test/jobs/enqueue.test.ts',
    title: 'what is delivered again is looked up',
  },
  {
    name: 'a job that Redis did not take is handed over by whoever reaches it',
    file: `${jobs}/job-queue.ts`,
    find: '      if (!isOffered) await offerSoon(database, job.id);\n',
    replace: '',
    test: 'test/jobs/enqueue.test.ts',
    title: 'while Redis does not answer a job is taken all the same',
  },
  {
    name: 'a job that was handed to another run of Redis is looked up',
    file: `${jobs}/do-job.ts`,
    find: ' && run === jobQueue.run;',
    replace: ';',
    test: 'test/jobs/recovery.test.ts',
    title: 'by a Redis that was ended and has kept it',
  },
  {
    name: 'a job that is over is not taken up',
    file: `${jobs}/job-rows.ts`,
    find: "eq(queueJobs.id, id), eq(queueJobs.state, 'waiting')));\n  return row;",
    replace: 'eq(queueJobs.id, id)));\n  return row;',
    test: 'test/jobs/recovery.test.ts',
    title: 'whatever Redis hands out',
  },
  {
    name: 'jobs that wait are handed to a Redis that is back',
    file: `${jobs}/offer-again.ts`,
    find: '        await offerEverything(database);\n',
    replace: '        await Promise.resolve();\n',
    test: 'test/jobs/recovery.test.ts',
    title: 'what Redis has lost is handed to it again',
  },
  {
    name: 'a job has an effect once that is declared so',
    file: `${jobs}/once.ts`,
    find: 'if (isDuplicate(error)) return false;',
    replace: 'if (isDuplicate(error)) return true;',
    test: 'test/jobs/attempts.test.ts',
    title: 'with once, who is killed after the commit',
  },
];
