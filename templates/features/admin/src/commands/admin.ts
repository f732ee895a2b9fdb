// npm run admin -- create <email> | list | role <email> <role> | disable <email> | enable <email> |
// reset <email>: who may enter the admin area.
import { openDatabase } from '#app/database/database.ts';
import { databaseSettings } from '#app/database/settings.ts';
import { adminSettings } from '#app/domains/admin/settings.ts';
import { readOrder, usage } from './admin/order.ts';
import { linkSettings, runAdmin } from './admin/run-admin.ts';
import { runCommand } from './run.ts';

const args = process.argv.slice(2);

await runCommand(
  { ...databaseSettings, ...adminSettings, ...linkSettings },
  async (settings) => {
    const order = readOrder(args);
    const database = await openDatabase({ settings });
    try {
      await runAdmin(order, { database, settings }, (text) => console.log(text));
    } finally {
      await database.close();
    }
  },
  { usage, json: args.includes('--json'), expected: 'precondition' },
);
