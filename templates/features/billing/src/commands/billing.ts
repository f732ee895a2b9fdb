// npm run billing -- plans diff | plans push | reconcile: whether Stripe and this service agree on what is sold, and
// on who has bought it.
import { readOrder, usage } from './billing/order.ts';
import { billingCommandSettings, runBilling } from './billing/run-billing.ts';
import { exitCodes, runCommand } from './run.ts';

const args = process.argv.slice(2);

await runCommand(
  billingCommandSettings,
  async (settings) => {
    const order = readOrder(args);
    // Beside the result, which standard output is for.
    const { text, result, agrees } = await runBilling(order, settings, (sentence) =>
      console.error(sentence),
    );
    console.log(order.json ? JSON.stringify(result) : text);
    if (!agrees) process.exitCode = exitCodes.precondition;
  },
  { usage, json: args.includes('--json'), expected: 'precondition' },
);
