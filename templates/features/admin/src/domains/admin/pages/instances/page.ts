// Who runs, with which keys, and what somebody has to look after. Names and times: no secret.
import { html } from 'ghtml';
import { ageOf } from '#app/domains/auth/keys/decisions.ts';
import { readHeartbeats, type SeenInstance } from '#app/domains/auth/keys/instances.ts';
import { openStore } from '#app/domains/auth/keys/open-store.ts';
import { isRetired, KeyringError, presentRing } from '#app/domains/auth/keys/ring.ts';
import type { Services } from '#app/lifecycle.ts';
import { countOutbox } from '#app/platform/outbox/letters.ts';
import { facts } from '../components/facts.ts';
import { table } from '../components/table.ts';
import { moment, section, state, text } from '../components/values.ts';
import { defineAdminPage } from '../define-page.ts';

export const instancesPage = defineAdminPage({
  path: '/instances',
  title: 'Instances and keys',
  navigation: 'Instances and keys',
  permission: 'instances.read',
  async load({ services }) {
    const { database, keyring, auth } = services;
    const [instances, keys, outbox] = await Promise.all([
      readHeartbeats(database),
      readKeys(services),
      countOutbox(database),
    ]);
    const problems = [keyring.problem, auth.problem].filter((problem) => problem !== undefined);
    return { instances, keys, outbox, problems, now: new Date() };
  },
  view: ({ instances, keys, outbox, problems, now }) =>
    [
      section('Health', renderProblems(problems)),
      section(
        'Instances',
        table(instances, instanceColumns, { caption: 'Instances', empty: 'No instance runs.' }),
      ),
      section('Keys that sign', typeof keys === 'string' ? bad(keys) : renderKeys(keys, now)),
      section('Outbox', renderOutbox(outbox)),
    ].join(''),
});

type Keys = ReturnType<typeof presentRing>;

/** The stored keys, as they may be shown; or why they cannot be read. */
async function readKeys({ settings, database, sealing }: Services): Promise<Keys | string> {
  try {
    const { ring } = await openStore({ settings, database, sealing }).read();
    return presentRing(ring);
  } catch (error) {
    if (error instanceof KeyringError) return error.message;
    throw error;
  }
}

function renderProblems(problems: readonly string[]): string {
  return problems.length === 0
    ? html`<p>!${state('all is well', 'good')}</p>`
    : problems.map(bad).join('');
}

const bad = (problem: string): string => html`<p class="error">${problem}</p>`;

/** As much of a key's name as tells it from the others. */
const nameOf = (kid: string): string => html`<code>${kid.slice(0, 6)}</code>`;

const instanceColumns = [
  { title: 'Instance', cell: ({ id }: SeenInstance) => text(id) },
  {
    title: 'State',
    cell: ({ isLive }: SeenInstance) =>
      isLive ? state('runs', 'good') : state('fell silent', 'bad'),
  },
  { title: 'Last heard', cell: ({ seenAt }: SeenInstance) => moment(seenAt) },
  { title: 'Signs with', cell: ({ signs }: SeenInstance) => nameOf(signs) },
  { title: 'Accepts', cell: ({ accepts }: SeenInstance) => accepts.map(nameOf).join(' ') },
];

interface KeyRow {
  readonly slot: string;
  readonly kid: string;
  readonly createdAt: Date;
  /** What becomes of it. */
  readonly does: string;
}

function renderKeys({ next, primary, fallback, sessionsToEnd }: Keys, now: Date): string {
  const rows: KeyRow[] = [
    { slot: 'Primary', ...primary, does: 'signs' },
    ...(next === null
      ? []
      : [{ slot: 'Next', ...next, does: 'is accepted, and signs nothing yet' }]),
    ...(fallback === null ? [] : [{ slot: 'Fallback', ...fallback, does: endOf(fallback, now) }]),
  ];
  const columns = [
    { title: 'Slot', cell: ({ slot }: KeyRow) => text(slot) },
    { title: 'Key', cell: ({ kid }: KeyRow) => nameOf(kid) },
    { title: 'Made', cell: ({ createdAt }: KeyRow) => moment(createdAt) },
    { title: 'Age', cell: ({ createdAt }: KeyRow) => text(ageOf({ createdAt }, now)) },
    { title: 'State', cell: ({ does }: KeyRow) => text(does) },
  ];
  return html`!${table(rows, columns, { caption: 'Keys that sign', empty: '' })}
  !${sessionsToEnd ? bad('An emergency has not ended all sessions yet.') : ''}`;
}

function endOf(fallback: NonNullable<Keys['fallback']>, now: Date): string {
  const { retireAt } = fallback;
  if (retireAt === null) return 'is accepted; its end is not set yet';
  const end = retireAt.toISOString().slice(0, 16).replace('T', ' ');
  return isRetired(fallback, now) ? `is refused since ${end} UTC` : `is accepted until ${end} UTC`;
}

function renderOutbox(counts: Awaited<ReturnType<typeof countOutbox>>): string {
  const { pending, sending, failed, dead } = counts;
  return facts([
    ['Waiting', text(pending)],
    ['Being delivered', text(sending)],
    ['Failed, to be tried again', text(failed)],
    ['Given up', dead === 0 ? text(0) : state(String(dead), 'bad')],
  ]);
}
