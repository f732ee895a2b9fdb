// npm run email -- list | suppress <address>… | allow <address>…: the addresses that get no mail.
import { readOrder, usage } from './email/order.ts';
import { runEmail } from './email/run-email.ts';
import { runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

await runCommand(
  databaseCommandSettings,
  async (settings) => {
    const order = readOrder(process.argv.slice(2));
    await withDatabase(settings, (database) =>
      runEmail(order, database, (text) => console.log(text)),
    );
  },
  { usage },
);
