// npm run licenses -- list <account> | grant <account> | revoke <account> <id>: what accounts are licensed to
// beside what they pay for.
import { organizationSettings } from '#app/domains/organizations/settings.ts';
import { readOrder, usage } from './licenses/order.ts';
import { runLicenses } from './licenses/run-licenses.ts';
import { runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

const args = process.argv.slice(2);

await runCommand(
  { ...databaseCommandSettings, ...organizationSettings },
  async (settings) => {
    const order = readOrder(args);
    await withDatabase(settings, (database) =>
      runLicenses(order, { database, settings }, (text) => console.log(text)),
    );
  },
  { usage, json: args.includes('--json'), expected: 'precondition' },
);
