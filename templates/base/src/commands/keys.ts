// npm run keys: makes, shows and rotates the keys that sign access tokens.
import { readArguments } from './keys/arguments.ts';
import { perform } from './keys/perform.ts';
import { describe, presentInstances, presentRing } from './keys/report.ts';
import { keysSettings, openSurroundings } from './keys/surroundings.ts';
import { runCommand } from './run.ts';

const args = process.argv.slice(2);

await runCommand(
  keysSettings,
  async (settings) => {
    const { json, ...given } = readArguments(args);
    const surroundings = await openSurroundings(settings, given);
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
      console.log(json ? JSON.stringify(result) : describe(ring, view, silent));
    } finally {
      await surroundings.close();
    }
  },
  { json: args.includes('--json'), expected: 'precondition' },
);
