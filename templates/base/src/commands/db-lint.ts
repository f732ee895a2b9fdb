// npm run db:lint: whether the migrations that are not released can be applied while the service runs.
import { join } from 'node:path';
import { readOrder, usage } from './db-lint/order.ts';
import { runLint } from './db-lint/run-lint.ts';
import { runCommand } from './run.ts';

const args = process.argv.slice(2);

await runCommand(
  {},
  async () => {
    const project = join(import.meta.dirname, '../..');
    await runLint(readOrder(args), project, (line) => console.log(line));
  },
  { usage, json: args.includes('--json') },
);
