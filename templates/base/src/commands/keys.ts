// npm run keys: makes, shows and rotates the keys that sign access tokens.
import { readArguments, usage } from './keys/arguments.ts';
import { developmentDatabase } from './keys/development-database.ts';
import { runKeys } from './keys/run-keys.ts';
import { keysSettings } from './keys/surroundings.ts';
import { runCommand } from './run.ts';

const args = process.argv.slice(2);

await runCommand(
  keysSettings,
  async (settings) => {
    const given = readArguments(args);
    const DATABASE_URL = settings.DATABASE_URL ?? (await developmentDatabase());
    // Beside the result, which standard output is for.
    const { text, result } = await runKeys(given, { ...settings, DATABASE_URL }, (sentence) =>
      console.error(sentence),
    );
    console.log(given.json ? JSON.stringify(result) : text);
  },
  { usage, json: args.includes('--json'), expected: 'precondition' },
);
