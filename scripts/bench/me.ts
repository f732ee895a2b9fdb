import { expectStatus } from '../lib/api.ts';
import { root } from '../lib/root.ts';
import type { Stages } from '../lib/stage.ts';
import type { Backend, Contender } from './backend.ts';
import { type Figure, atLeast, median, medianRatio, times } from './figure.ts';
import { load } from './load.ts';

const rounds = 7;
const seconds = 4;

/**
 * Requests per second of the generated `GET /v1/auth/me` against a route that does the same, and
 * against a bare one: separate processes with the same settings, one database, one after the other
 * in turns.
 */
export async function measureMe(stages: Stages, backend: Backend): Promise<Figure[]> {
  const ours = await backend.start('generated', 'src/main.ts');
  const { accessToken } = await ours.api.newUser();
  const me = expectStatus(await ours.api.me(accessToken), 200);
  const peer = await backend.start('by hand', 'scripts/bench/peer.ts', { cwd: root });
  const bare = await backend.start('bare', 'scripts/bench/bare.ts', {
    cwd: root,
    settings: { USER_ID: me.json?.user?.id ?? '' },
  });
  expectSame(expectStatus(await peer.api.me(accessToken), 200).text, me.text);
  await stages.run(`Load: ${rounds} rounds of ${seconds} s each`, () =>
    race([ours, peer, bare], accessToken),
  );
  return figuresOf(ours, peer, bare);
}

async function race(contenders: Contender[], token: string): Promise<void> {
  for (let round = 0; round <= rounds; round += 1) {
    // Whoever comes first meets another machine than whoever comes last: everybody is each once.
    const turn = round % contenders.length;
    for (const { api, rates } of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      const rate = await load(`${api.url}/v1/auth/me`, token, round === 0 ? 2 : seconds);
      // The first round warms up and is not counted.
      if (round > 0) rates.push(rate);
    }
  }
}

const rate = ({ rates }: Contender): number => Math.round(median(rates));

function figuresOf(ours: Contender, peer: Contender, bare: Contender): Figure[] {
  const ratio = (other: Contender) => medianRatio(ours.rates, other.rates);
  const detail = (other: Contender) =>
    `${rate(ours)} to ${rate(other)} requests/s, medians of ${rounds} rounds`;
  const name = 'GET /v1/auth/me to one ';
  return [
    { ...atLeast(`${name}by hand`, ratio(peer), 0.95, times), detail: detail(peer) },
    { name: `${name}bare`, value: times(ratio(bare)), detail: detail(bare) },
  ];
}

function expectSame(theirs: string, ours: string): void {
  if (theirs === ours) return;
  throw new Error(`The route by hand answers otherwise: ${theirs} instead of ${ours}`);
}
