import { notHeardFrom } from '#app/domains/auth/keys/decisions.ts';
import { presentRing } from '#app/domains/auth/keys/ring.ts';
import { createSealingKeyFile } from '#app/platform/sealing.ts';
import { CommandError, databaseAway } from '../run.ts';
import type { KeysArguments } from './arguments.ts';
import { perform } from './perform.ts';
import { describe, presentInstances, refusalWith, type Running } from './report.ts';
import { openSurroundings, type KeysSettings, type Surroundings } from './surroundings.ts';

type Given = Omit<KeysArguments, 'json'>;

/**
 * Runs a command on the keys.
 *
 * @param say is told how it goes on
 * @returns where the keys stand then: for a reader, and for a program
 * @throws CommandError, KeyringError
 */
export async function runKeys(
  given: Given,
  settings: KeysSettings,
  say: (sentence: string) => void,
): Promise<{ text: string; result: object }> {
  // Before the surroundings: what they record takes it.
  if (given.command === 'init') await makeSealingKey(settings, say);
  const surroundings = await openSurroundings(settings, { ...given, say });
  try {
    const { ring, ...done } = await perform(given, settings, surroundings);
    const running = await see(given, surroundings);
    const text = describe(ring, running);
    const { missing } = running;
    if (given.command === 'status' && missing.length > 0) {
      say(text);
      const refused = `These were not heard from: ${missing.join(', ')}.`;
      const shown = { ring, ...done, ...presentInstances(running) };
      throw refusalWith({ refused, pending: missing }, shown);
    }
    const { command } = given;
    const keys = presentRing(ring);
    return { text, result: { ok: true, command, ...done, keys, ...presentInstances(running) } };
  } catch (error) {
    const away = databaseAway(error);
    if (away === undefined) throw error;
    const { pending } = surroundings.progress;
    const refused = `${away} ${wayOut(given, settings, surroundings)}`.trimEnd();
    throw new CommandError(refused, 'precondition', {
      pending,
      notBefore: null,
      ...(await left(given, surroundings)),
    });
  } finally {
    await surroundings.close();
  }
}

async function makeSealingKey(
  { KEYRING_SECRET, SEALING_KEY_FILE }: KeysSettings,
  say: (sentence: string) => void,
): Promise<void> {
  if (KEYRING_SECRET !== undefined) return;
  const key = (await createSealingKeyFile(SEALING_KEY_FILE)) ? 'Made' : 'There is already';
  say(`${key} the sealing key ${SEALING_KEY_FILE}.`);
}

/** What was done is done: a database that is away only hides who runs. */
async function see(
  { instances }: Given,
  { look, silent, database }: Surroundings,
): Promise<Running> {
  try {
    const view = await look();
    const running = { view, silent: await silent(), missing: notHeardFrom(view) };
    return view.kind === 'unseen' && database === undefined
      ? { ...running, unseen: 'DATABASE_URL is not set.' }
      : running;
  } catch (error) {
    const unseen = databaseAway(error);
    if (unseen === undefined) throw error;
    const missing = Array.isArray(instances) ? instances : [];
    return { view: { kind: 'unseen', now: new Date() }, silent: [], missing, unseen };
  }
}

/** What was done before the database was lost, and the keys as they stand, where that can be read. */
async function left({ command }: Given, { store, progress }: Surroundings): Promise<object> {
  const { steps, rotated = steps.includes('promote'), sessionsEnded } = progress;
  const done = {
    steps,
    ...(command === 'rotate' && { rotated }),
    ...(sessionsEnded !== undefined && { sessionsEnded }),
  };
  try {
    const { ring } = await store.read();
    return { ...done, keys: presentRing(ring) };
  } catch (error) {
    // The keyring lies in the database that is away, which is what the command says.
    if (databaseAway(error) === undefined) throw error;
    return done;
  }
}

/** How to go on, without the database where the keyring does not lie in there. */
function wayOut(
  { instances, compromised }: Given,
  { JWT_KEYS_STORE }: KeysSettings,
  { progress }: Surroundings,
): string {
  const { steps, rotated } = progress;
  const isBegun = steps.length > 0 || rotated !== undefined;
  if (isBegun) return 'Run it again when the database is back: it goes on from here.';
  if (instances === 'none' || JWT_KEYS_STORE === 'database') return '';
  return compromised
    ? 'To replace the key all the same: --instances none'
    : 'Where nobody runs: --instances none';
}
