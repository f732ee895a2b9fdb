import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { query } from '../lib/database.ts';
import { cleanEnvironment } from '../lib/environment.ts';
import { starter } from '../lib/generate.ts';
import { useRedis } from '../lib/redis.ts';
import { root } from '../lib/root.ts';
import type { Stages } from '../lib/stage.ts';
import { type Backend, withBackend } from './backend.ts';
import { type Figure, atLeast, median, medianRatio, times } from './figure.ts';

const rounds = 5;
const jobs = 4000;

/** What a job does: a row in the database, as most do something there, or nothing at all. */
type Effect = 'row' | 'nothing';

/**
 * Jobs per second of a project's worker, as it is by default, against BullMQ alone: processes of their
 * own in turns, with one Redis, as many jobs at once and the same payload. The project's worker opens
 * what was sealed, checks it, and writes down in its table beside the next ones that a job is done;
 * BullMQ alone does nothing of this. All jobs wait when the clock starts.
 */
export async function measureJobs(stages: Stages): Promise<Figure[]> {
  const redis = await useRedis('npm run bench');
  try {
    return await withBackend(
      stages,
      async (backend) => {
        const table = 'CREATE TABLE bench_effects (id CHAR(36) NOT NULL) ENGINE=InnoDB';
        await query(backend.settings['DATABASE_URL'] ?? '', table);
        const run = (effect: Effect) =>
          stages.run(`Jobs with ${effect}: ${rounds} rounds of ${jobs}`, () =>
            race(backend, redis.url, effect),
          );
        const [row, nothing] = [await run('row'), await run('nothing')];
        return [
          {
            ...atLeast('jobs that write a row, to BullMQ alone', ratio(row), 0.8, times),
            detail: detail(row),
          },
          {
            name: 'jobs that do nothing, to BullMQ alone',
            value: times(ratio(nothing)),
            detail: detail(nothing),
          },
        ];
      },
      { ...starter(), features: ['redis', 'queues'] },
    );
  } finally {
    await redis.leave();
  }
}

/** Jobs per second, by round. */
type Rates = Record<'project' | 'bare', number[]>;

async function race(backend: Backend, redisUrl: string, effect: Effect): Promise<Rates> {
  const rates: Rates = { project: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    const turns = ['project', 'bare'] as const;
    for (const who of round % 2 === 0 ? turns : turns.toReversed()) {
      const script = join(root, 'scripts', 'bench', 'job-worker.ts');
      const { stderr } = await execa(
        process.execPath,
        [script, who, effect, backend.project, String(jobs)],
        {
          cwd: backend.project,
          // Both do as many at once as the project does by default.
          env: cleanEnvironment({
            ...backend.settings,
            JOBS_WORKERS: '5',
            REDIS_URL: redisUrl,
            REDIS_PREFIX: `bench-${randomBytes(8).toString('hex')}`,
          }),
          extendEnv: false,
          // As a service's is: read by somebody else.
          stdout: 'ignore',
        },
      );
      rates[who].push(Number(stderr));
    }
  }
  return rates;
}

const ratio = ({ project, bare }: Rates): number => medianRatio(project, bare);

const rate = (values: number[]): number => Math.round(median(values));

function detail({ project, bare }: Rates): string {
  return `${rate(project)} to ${rate(bare)} jobs/s, medians of ${rounds} rounds`;
}
