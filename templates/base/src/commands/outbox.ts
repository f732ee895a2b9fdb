// npm run outbox -- list | replay <id>… | replay --dead | discard <id>…: what waits to be delivered, and what was
// given up.
import { openDatabase } from '#app/database/database.ts';
import { databaseSettings } from '#app/database/settings.ts';
import { readOrder, usage } from './outbox/order.ts';
import { runOutbox } from './outbox/run-outbox.ts';
import { runCommand } from './run.ts';

await runCommand(
  databaseSettings,
  async (settings) => {
    const order = readOrder(process.argv.slice(2));
    const database = await openDatabase({ settings });
    try {
      await runOutbox(order, database, (text) => console.log(text));
    } finally {
      await database.close();
    }
  },
  { usage },
);
