// npm run audit -- verify | head | export: whether the audit log is as it was written, where it ends, and its
// entries for others to keep.
import { readOrder, usage } from './audit/order.ts';
import { runAudit } from './audit/run-audit.ts';
import { runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

const args = process.argv.slice(2);

await runCommand(
  databaseCommandSettings,
  async (settings) => {
    const order = readOrder(args);
    await withDatabase(settings, (database, sealing) =>
      runAudit(order, { database, sealing }, process.stdout, (sentence) => console.error(sentence)),
    );
  },
  { usage, json: args.includes('--json'), expected: 'precondition' },
);
