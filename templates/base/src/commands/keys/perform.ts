import { readKeyringFile } from '#app/domains/auth/keys/file-store.ts';
import { newRing, type Ring } from '#app/domains/auth/keys/ring.ts';
import {
  promoteStaged,
  rotate,
  takeStep,
  type KeyAct,
  type Outcome,
  type Step,
} from '#app/domains/auth/keys/rotation.ts';
import type { CommandError } from '../run.ts';
import type { KeysArguments } from './arguments.ts';
import { replaceAll } from './emergency.ts';
import { refusalWith, type Done } from './report.ts';
import type { KeysSettings, Surroundings } from './surroundings.ts';

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

async function initialise(settings: KeysSettings, surroundings: Surroundings): Promise<Done> {
  const { store, say, database, record } = surroundings;
  const { JWT_KEYS_STORE } = settings;
  const { ring, origin, takenOver } = await firstRing(settings);
  const act: KeyAct = {
    action: 'keys.created',
    subject: ring.primary.kid,
    detail: { store: JWT_KEYS_STORE, takenOver },
  };
  // The first keys are made before there has to be a database.
  const made = await store.create(ring, database && ((tx) => record(act, tx)));
  say(
    made
      ? `Made the keyring ${store.place} ${origin}.`
      : `There is already the keyring ${store.place}.`,
  );
  say('Keep a backup: without it everybody has to sign in again, and sealed secrets are lost.');
  return { ring: (await store.read()).ring };
}

/** A service that moves its keyring into the database keeps its keys: nobody is signed out. */
async function firstRing({
  JWT_KEYS_STORE,
  JWT_KEYS_FILE,
}: KeysSettings): Promise<{ ring: Ring; origin: string; takenOver: boolean }> {
  const fresh = { ring: newRing(new Date()), takenOver: false };
  if (JWT_KEYS_STORE === 'file') return { ...fresh, origin: 'with a new key' };
  const stored = await readKeyringFile(JWT_KEYS_FILE);
  if (stored === undefined) {
    const origin = `with a new key, because there is no ${JWT_KEYS_FILE} to take over`;
    return { ...fresh, origin };
  }
  const origin = `with the keys of ${JWT_KEYS_FILE}: everybody stays signed in`;
  return { ring: stored.ring, origin, takenOver: true };
}

async function takeSteps(steps: readonly Step[], surroundings: Surroundings): Promise<Done> {
  const { store, progress } = surroundings;
  const done = { steps: progress.steps };
  let { ring } = await store.read();
  for (const step of steps) {
    const outcome = await takeStep(step, surroundings);
    if ('refused' in outcome) throw await refusalOf(outcome, surroundings, done);
    ring = outcome.ring;
  }
  return { ring, ...done };
}

/** Sets the end of the key before as well, where nobody signs with it any more. */
async function promote(surroundings: Surroundings): Promise<Done> {
  const done = { steps: surroundings.progress.steps };
  const promoted = await promoteStaged(surroundings);
  if ('refused' in promoted) throw await refusalOf(promoted, surroundings, done);
  const scheduled = await takeStep('schedule', surroundings);
  if (!('refused' in scheduled)) return { ring: scheduled.ring, ...done };
  surroundings.say(`${scheduled.refused} When they do, run: npm run keys -- retire`);
  return { ring: promoted.ring, ...done };
}

async function rotateAll(surroundings: Surroundings): Promise<Done> {
  const outcome = await rotate(surroundings);
  const { steps } = surroundings.progress;
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

async function refusalOf(
  outcome: Extract<Outcome, { refused: string }>,
  { store }: Surroundings,
  done: Omit<Done, 'ring'>,
): Promise<CommandError> {
  return refusalWith(outcome, { ring: (await store.read()).ring, ...done });
}
