import type { KeysArguments } from './arguments.ts';
import { perform } from './perform.ts';
import { describe, presentInstances, presentRing } from './report.ts';
import { openSurroundings, type KeysSettings } from './surroundings.ts';

/**
 * Runs a command on the keys.
 *
 * @param say is told how it goes on
 * @returns where the keys stand then: for a reader, and for a program
 * @throws CommandError, KeyringError
 */
export async function runKeys(
  given: Omit<KeysArguments, 'json'>,
  settings: KeysSettings,
  say: (sentence: string) => void,
): Promise<{ text: string; result: object }> {
  const surroundings = await openSurroundings(settings, { ...given, say });
  try {
    const { ring, ...done } = await perform(given, settings, surroundings);
    const view = await surroundings.look();
    const silent = await surroundings.silent();
    const result = {
      ok: true,
      command: given.command,
      ...done,
      keys: presentRing(ring),
      instances: presentInstances(view),
      silent,
    };
    return { text: describe(ring, view, silent), result };
  } finally {
    await surroundings.close();
  }
}
