import { notHeardFrom } from '#app/domains/auth/keys/decisions.ts';
import { CommandError, databaseAway } from '../run.ts';
import type { KeysArguments } from './arguments.ts';
import { perform } from './perform.ts';
import { describe, presentInstances, presentRing, refusalWith, type Running } from './report.ts';
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
    throw new CommandError(`${away}${wayOut(given, settings)}`, 'precondition');
  } finally {
    await surroundings.close();
  }
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

/** How to go on without the database, where the keyring does not lie in there. */
function wayOut({ instances, compromised }: Given, { JWT_KEYS_STORE }: KeysSettings): string {
  if (instances === 'none' || JWT_KEYS_STORE === 'database') return '';
  return compromised
    ? ' To replace the key all the same: --instances none'
    : ' Where nobody runs: --instances none';
}
