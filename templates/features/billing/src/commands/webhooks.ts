// npm run webhooks -- list | show <id> | replay <id>… | replay --dead | discard <id>…: the events that Stripe sent,
// and what became of them.
import { openDatabase } from '#app/database/database.ts';
import { databaseSettings } from '#app/database/settings.ts';
import { readOrder, usage } from './webhooks/order.ts';
import { runWebhooks } from './webhooks/run-webhooks.ts';
import { runCommand } from './run.ts';

await runCommand(
  databaseSettings,
  async (settings) => {
    const order = readOrder(process.argv.slice(2));
    const database = await openDatabase({ settings });
    try {
      await runWebhooks(order, database, (text) => console.log(text));
    } finally {
      await database.close();
    }
  },
  { usage },
);
