// npm run webhooks -- list | show <id> | replay <id>… | replay --dead | discard <id>…: the events that Stripe sent,
// and what became of them.
import { readOrder, usage } from './webhooks/order.ts';
import { runWebhooks } from './webhooks/run-webhooks.ts';
import { runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

await runCommand(
  databaseCommandSettings,
  async (settings) => {
    const order = readOrder(process.argv.slice(2));
    await withDatabase(settings, (database) =>
      runWebhooks(order, database, (text) => console.log(text)),
    );
  },
  { usage },
);
