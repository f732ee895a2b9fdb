import { starter } from '../lib/generate.ts';
import type { Stages } from '../lib/stage.ts';
import { type Backend, type Contender, withBackend } from './backend.ts';
import { type Figure, median, medianRatio, times } from './figure.ts';
import { load } from './load.ts';

const rounds = 5;
const seconds = 4;

/**
 * Requests per second of `GET /v1/auth/me` with a limit that the database counts, against the same
 * without one: two projects, one after the other in turns. All calls are one account's, which is the
 * most that a row of it has to bear.
 */
export async function measureLimits(stages: Stages): Promise<Figure[]> {
  const bare = { ...starter(), features: [] };
  const limiting = { ...bare, features: ['rate-limit'] };
  return withBackend(
    stages,
    async (one) =>
      withBackend(
        stages,
        async (other) => {
          const limited = await start(one, { RATE_LIMIT_POINTS: '1000000000' });
          const unlimited = await start(other);
          await stages.run(`Load: ${rounds} rounds of ${seconds} s each`, () =>
            race([limited, unlimited]),
          );
          return figuresOf(limited, unlimited);
        },
        bare,
      ),
    limiting,
  );
}

interface Racer extends Contender {
  readonly token: string;
}

async function start(backend: Backend, settings: Record<string, string> = {}): Promise<Racer> {
  const contender = await backend.start('generated', 'src/main.ts', { settings });
  const { accessToken } = await contender.api.newUser();
  return { ...contender, token: accessToken };
}

async function race(racers: readonly Racer[]): Promise<void> {
  for (let round = 0; round <= rounds; round += 1) {
    for (const { api, token, rates } of round % 2 === 0 ? racers : racers.toReversed()) {
      const rate = await load(`${api.url}/v1/auth/me`, token, round === 0 ? 2 : seconds);
      // The first round warms up and is not counted.
      if (round > 0) rates.push(rate);
    }
  }
}

function figuresOf(limited: Racer, unlimited: Racer): Figure[] {
  const rate = ({ rates }: Racer): number => Math.round(median(rates));
  return [
    {
      name: 'GET /v1/auth/me limited by the database, to unlimited',
      value: times(medianRatio(limited.rates, unlimited.rates)),
      detail: `${rate(limited)} to ${rate(unlimited)} requests/s, medians of ${rounds} rounds`,
    },
  ];
}
