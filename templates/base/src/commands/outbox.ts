// npm run outbox -- list | replay <id>… | replay --dead | discard <id>…: what waits to be delivered, and what was
// given up.
import { readOrder, usage } from './outbox/order.ts';
import { runOutbox } from './outbox/run-outbox.ts';
import { runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

await runCommand(
  databaseCommandSettings,
  async (settings) => {
    const order = readOrder(process.argv.slice(2));
    await withDatabase(settings, (database) =>
      runOutbox(order, database, (text) => console.log(text)),
    );
  },
  { usage },
);
