// npm run db:url: prints the URL of the development database and nothing else on stdout. The
// private one is left running in the background, until npm run db:stop.
import { runCommand } from './command.ts';
import { keep } from './local/service.ts';
import { privateDatabase, readEnvironment } from './project.ts';

await runCommand(async (ending) => {
  const url = readEnvironment()['DATABASE_URL'] || (await keep(privateDatabase(), ending));
  console.log(url);
  return 0;
});
