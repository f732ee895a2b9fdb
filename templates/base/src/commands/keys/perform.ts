import { endAllSessions } from '#app/domains/auth/end-all-sessions.ts';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { KeyringError, newRing, type Ring } from '#app/domains/auth/keys/ring.ts';
import {
  promoteStaged,
  replaceCompromised,
  rotate,
  takeStep,
  untilDropped,
  type Outcome,
  type Step,
} from '#app/domains/auth/keys/rotation.ts';
import { createSealingKeyFile } from '#app/platform/sealing.ts';
import { CommandError } from '../run.ts';
import type { KeysArguments } from './arguments.ts';
import { presentRing } from './report.ts';
import type { KeysSettings, Surroundings } from './surroundings.ts';

/** What a command did, and the ring as it stands then. */
export interface Done {
  readonly ring: Ring;
  /** The steps that this run took; none where all of them were taken before. */
  readonly steps?: readonly Step[];
  /** Whether this run replaced the key that signs. */
  readonly rotated?: boolean;
  /** How many sessions were ended; null where there is no database in which they could be. */
  readonly sessionsEnded?: number | null;
}

/** @throws CommandError (exit code 3) where it may not be done, or not yet */
export async function perform(
  { command, compromised }: Pick<KeysArguments, 'command' | 'compromised'>,
  settings: KeysSettings,
  surroundings: Surroundings,
): Promise<Done> {
  switch (command) {
    case 'init':
      return initialise(settings, surroundings);
    case 'status':
      return { ring: (await surroundings.store.read()).ring };
    case 'stage':
      return takeSteps(['stage'], surroundings);
    case 'promote':
      return promote(surroundings);
    case 'retire':
      return takeSteps(['schedule', 'retire'], surroundings);
    case 'rotate':
      return compromised ? replaceAll(surroundings) : rotateAll(surroundings);
  }
}

async function initialise(settings: KeysSettings, { store, say }: Surroundings): Promise<Done> {
  const { KEYRING_SECRET, SEALING_KEY_FILE } = settings;
  const made = (await store.create(await firstRing(settings))) ? 'Made' : 'There is already';
  say(`${made} the keyring ${store.place}.`);
  if (KEYRING_SECRET === undefined) {
    const key = (await createSealingKeyFile(SEALING_KEY_FILE)) ? 'Made' : 'There is already';
    say(`${key} the sealing key ${SEALING_KEY_FILE}.`);
  }
  say('Keep a backup: without it everybody has to sign in again, and sealed secrets are lost.');
  return { ring: (await store.read()).ring };
}

/** A service that moves its keyring into the database keeps its keys: nobody is signed out. */
async function firstRing(settings: KeysSettings): Promise<Ring> {
  if (settings.JWT_KEYS_STORE === 'database') {
    try {
      return (await fileStore(settings.JWT_KEYS_FILE).read()).ring;
    } catch (error) {
      if (!(error instanceof KeyringError)) throw error;
    }
  }
  return newRing(new Date());
}

async function takeSteps(steps: readonly Step[], surroundings: Surroundings): Promise<Done> {
  const taken: Step[] = [];
  let { ring } = await surroundings.store.read();
  for (const step of steps) {
    const outcome = await takeStep(step, surroundings);
    if ('refused' in outcome) throw await refusalOf(outcome, surroundings, { steps: taken });
    if (outcome.changed) taken.push(step);
    ring = outcome.ring;
  }
  return { ring, steps: taken };
}

/** Sets the end of the key before as well, where nobody signs with it any more. */
async function promote(surroundings: Surroundings): Promise<Done> {
  const promoted = await promoteStaged(surroundings);
  if ('refused' in promoted) throw await refusalOf(promoted, surroundings, { steps: [] });
  const steps = ['promote'] as const;
  const scheduled = await takeStep('schedule', surroundings);
  if (!('refused' in scheduled)) return { ring: scheduled.ring, steps };
  surroundings.say(`${scheduled.refused} When they do, run: npm run keys -- retire`);
  return { ring: promoted.ring, steps };
}

async function rotateAll(surroundings: Surroundings): Promise<Done> {
  const outcome = await rotate(surroundings);
  const { steps } = outcome;
  const done = { steps, rotated: steps.includes('promote') };
  if ('refused' in outcome) {
    const refused = `${outcome.refused} Run it again when they do: it goes on from here.`;
    const given = outcome.pending.length === 0 ? outcome : { ...outcome, refused };
    throw await refusalOf(given, surroundings, done);
  }
  if (!done.rotated) surroundings.say(notOver(outcome.ring));
  return { ring: outcome.ring, ...done };
}

function notOver({ primary, fallback }: Ring): string {
  const end = fallback?.retireAt?.toISOString() ?? 'once the key before is retired';
  return `No new key was made, because the last rotation is not over yet: ${primary.kid} signs. The next one is possible from ${end}. If a key has leaked, do not wait: npm run keys -- rotate --compromised`;
}

async function replaceAll(surroundings: Surroundings): Promise<Done> {
  const { database, say, actor } = surroundings;
  const { ring, dropped } = await replaceCompromised(surroundings);
  say(`The key ${ring.primary.kid} signs now; dropped: ${dropped.join(', ')}.`);

  const sessionsEnded = database === undefined ? null : await endAllSessions(database, actor);
  say(
    sessionsEnded === null
      ? 'No session was ended, because DATABASE_URL is not set: who is signed in can go on.'
      : `Ended ${sessionsEnded} sessions: everybody has to sign in again.`,
  );
  const outcome = await untilDropped(ring, surroundings);
  if ('refused' in outcome)
    throw await refusalOf(outcome, surroundings, { steps: [], rotated: true });
  return { ring, rotated: true, sessionsEnded };
}

async function refusalOf(
  { refused, pending, notBefore }: Extract<Outcome, { refused: string }>,
  { store }: Surroundings,
  done: Omit<Done, 'ring'>,
): Promise<CommandError> {
  const { ring } = await store.read();
  const details = { pending, notBefore: notBefore ?? null, ...done, keys: presentRing(ring) };
  return new CommandError(refused, 'precondition', details);
}
