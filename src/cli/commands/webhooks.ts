import path from 'node:path';
import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';
import { withExamples, withProjectOptions } from './options.ts';

/** What can be done with the events that a project has received. */
export const webhookActions = ['list', 'show', 'replay', 'discard'] as const;

export interface WebhooksFlags {
  readonly state?: string;
  readonly limit?: string;
  readonly payload?: boolean;
  readonly dead?: boolean;
  readonly ignored?: boolean;
  readonly type?: string;
  readonly reason?: string;
  readonly cwd?: string;
  readonly json?: boolean;
}

/** Gives a command the arguments, options and action of `webhooks`. */
export function defineWebhooks(command: Command, { cwd, signal }: Session): Command {
  command
    .description('Look at the events that Stripe sent, and have them processed again')
    .addArgument(new Argument('<action>', webhookActions.join(', ')).choices(webhookActions))
    .argument('[ids...]', 'events: the number of a row, or evt_…')
    .option('--state <state>', 'list those in that state, instead of all that are not done')
    .option('--limit <count>', 'list at most so many (100)')
    .option('--payload', 'show what Stripe sent, which is about a customer')
    .option('--dead', 'replay all that were given up')
    .option('--ignored', 'replay all that came before there was a handler for them')
    .option('--type <type>', 'of those, only such as invoice.paid')
    .option('--reason <why>', 'why they are discarded, for the audit log');
  withProjectOptions(command);
  return withExamples(
    command,
    'shipkit webhooks list --state dead',
    'shipkit webhooks show evt_1SYmtX2eZvKYlo2C0hL2bGkR',
    'shipkit webhooks replay --dead',
    "shipkit webhooks discard 4711 --reason 'refunded by hand'",
  ).action(async (action: (typeof webhookActions)[number], ids: string[], flags: WebhooksFlags) => {
    const { webhooks } = await import('../../commands/webhooks.ts');
    process.exitCode = await webhooks({
      cwd: path.resolve(cwd, flags.cwd ?? '.'),
      args: [action, ...ids, ...optionsOf(flags)],
      signal,
    });
  });
}

function optionsOf(flags: WebhooksFlags): string[] {
  const { state, limit, type, reason } = flags;
  const { payload = false, dead = false, ignored = false, json = false } = flags;
  return [
    ...(state === undefined ? [] : [`--state=${state}`]),
    ...(limit === undefined ? [] : [`--limit=${limit}`]),
    ...(payload ? ['--payload'] : []),
    ...(dead ? ['--dead'] : []),
    ...(ignored ? ['--ignored'] : []),
    ...(type === undefined ? [] : [`--type=${type}`]),
    ...(reason === undefined ? [] : [`--reason=${reason}`]),
    ...(json ? ['--json'] : []),
  ];
}
