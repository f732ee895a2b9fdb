import process from 'node:process';

/**
 * How often the tests repeat what happens at random moments or with random input: a few times by
 * `npm test`, as often as is stated by `npm run test:full`. Each can be set by an environment
 * variable of its name.
 */
const counts = {
  /** Moments at which a command is interrupted (SIGINT, SIGKILL). */
  KILLS: { quick: 2, full: 50 },
  /** Kills of a service at each point of the way of an event. */
  CRASHES: { quick: 1, full: 20 },
  /** Projects that are generated, installed, tested and used. */
  PROJECTS: { quick: 1, full: 12 },
  /** Rotations of the signing key under load. */
  ROTATIONS: { quick: 1, full: 5 },
  /** Deployments under load, one of them of a broken release. */
  DEPLOYMENTS: { quick: 2, full: 20 },
  /** Inputs of a property-based test. */
  RUNS: { quick: 100, full: 1000 },
  /** Sets of features, beside none, all, each alone and all but each. */
  SUBSETS: { quick: 4, full: 60 },
  /** Projects of domains with random names and fields. */
  SEEDS: { quick: 1, full: 10 },
  /** Bad requests that each route of a generated project gets. */
  BAD_INPUT_REQUESTS: { quick: 30, full: 100 },
  /** Requests of each of two tenants that share two connections. */
  INTERLEAVED_REQUESTS: { quick: 100, full: 1000 },
  /** Orders in which the events of one customer's years are delivered. */
  SHUFFLES: { quick: 10, full: 100 },
  /** Whether what takes minutes runs as well: 0 or 1. */
  FULL: { quick: 0, full: 1 },
} as const;

export type Count = keyof typeof counts;

/** The count for this run of the tests; the quick one where nothing was said. */
export function countOf(name: Count): number {
  return numberFrom(name) ?? counts[name].quick;
}

/** The seed of everything random in this run, so that a failure can be repeated by `SEED=…`. */
export function seed(): number {
  return numberFrom('SEED') ?? 1;
}

/** The environment that tells the tests their counts; what is set already stays. */
export function countsEnvironment(full: boolean): Record<string, string> {
  const random = Math.trunc(Math.random() * 1_000_000_000);
  const entries = Object.entries(counts).map(([name, count]) => [
    name,
    process.env[name] ?? String(full ? count.full : count.quick),
  ]);
  return Object.fromEntries([
    ...entries,
    ['SEED', process.env['SEED'] ?? String(random)],
  ]) as Record<string, string>;
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(
    `${name}=${text} is not a whole number: unset it, or give one of 0 or more.`,
  );
}
