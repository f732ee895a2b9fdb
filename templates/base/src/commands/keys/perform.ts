import { readKeyringFile } from '#app/domains/auth/keys/file-store.ts';
import { newRing, type Ring } from '#app/domains/auth/keys/ring.ts';
import {
  promoteStaged,
  rotate,
  takeStep,
  type Outcome,
  type Step,
} from '#app/domains/auth/keys/rotation.ts';
import { createSealingKeyFile } from '#app/platform/sealing.ts';
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

async function initialise(settings: KeysSettings, { store, say }: Surroundings): Promise<Done> {
  const { KEYRING_SECRET, SEALING_KEY_FILE } = settings;
  const { ring, origin } = await firstRing(settings);
  const made = await store.create(ring);
  say(
    made
      ? `Made the keyring ${store.place} ${origin}.`
      : `There is already the keyring ${store.place}.`,
  );
  if (KEYRING_SECRET === undefined) {
    const key = (await createSealingKeyFile(SEALING_KEY_FILE)) ? 'Made' : 'There is already';
    say(`${key} the sealing key ${SEALING_KEY_FILE}.`);
  }
  say('Keep a backup: without it everybody has to sign in again, and sealed secrets are lost.');
  return { ring: (await store.read()).ring };
}

/** A service that moves its keyring into the database keeps its keys: nobody is signed out. */
async function firstRing({
  JWT_KEYS_STORE,
  JWT_KEYS_FILE,
}: KeysSettings): Promise<{ ring: Ring; origin: string }> {
  const fresh = newRing(new Date());
  if (JWT_KEYS_STORE === 'file') return { ring: fresh, origin: 'with a new key' };
  const stored = await readKeyringFile(JWT_KEYS_FILE);
  return stored === undefined
    ? { ring: fresh, origin: `with a new key, because there is no ${JWT_KEYS_FILE} to take over` }
    : { ring: stored.ring, origin: `with the keys of ${JWT_KEYS_FILE}: everybody stays signed in` };
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

async function refusalOf(
  outcome: Extract<Outcome, { refused: string }>,
  { store }: Surroundings,
  done: Omit<Done, 'ring'>,
): Promise<CommandError> {
  return refusalWith(outcome, { ring: (await store.read()).ring, ...done });
}
