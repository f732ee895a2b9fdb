// npm run db:stop: ends the private database that npm run db:url left in the background.
import { runCommand } from './command.ts';
import { say } from './local/progress.ts';
import { stop } from './local/service.ts';
import { privateDatabase } from './project.ts';

await runCommand(async () => {
  const { ran, users } = await stop(privateDatabase());
  if (users.length === 0) {
    say(ran ? 'The private database has stopped.' : 'The private database was not running.');
    return 0;
  }
  const names = users.map(({ command, pid }) => `${command} (process ${pid})`).join(', ');
  say(`The private database is in use by ${names}. It stops when that ends.`);
  return 1;
});
