// npm run admin -- create <email> | list | role <email> <role> | disable <email> | enable <email> |
// reset <email>: who may enter the admin area.
import { adminSettings } from '#app/domains/admin/settings.ts';
import { readOrder, usage } from './admin/order.ts';
import { linkSettings, runAdmin } from './admin/run-admin.ts';
import { runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

const args = process.argv.slice(2);

await runCommand(
  { ...databaseCommandSettings, ...adminSettings, ...linkSettings },
  async (settings) => {
    const order = readOrder(args);
    await withDatabase(settings, (database) =>
      runAdmin(order, { database, settings }, (text) => console.log(text)),
    );
  },
  { usage, json: args.includes('--json'), expected: 'precondition' },
);
