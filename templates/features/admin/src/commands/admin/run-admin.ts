import type { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import { lastOwner, operatorExists } from '#app/domains/admin/errors.ts';
import { invitationHours, invitationLink } from '#app/domains/admin/operators/invitations.ts';
import {
  openOperators,
  type ListedOperator,
  type Operators,
} from '#app/domains/admin/operators/operators.ts';
import { endSessionsOf } from '#app/domains/admin/sessions/end-sessions.ts';
import type { AdminSettings } from '#app/domains/admin/settings.ts';
import { tellOfEnds } from '#app/domains/auth/sessions/tell-of-ends.ts';
import { AppError } from '#app/errors.ts';
import { httpSettings } from '#app/http/settings.ts';
import { operator } from '../operator.ts';
import type { Print } from '../orders.ts';
import { CommandError } from '../run.ts';
import type { Order } from './order.ts';

/** Where links lead to; in development, to where the service listens by default. */
export const linkSettings = {
  APP_ORIGIN: httpSettings.APP_ORIGIN.default('http://localhost:3000'),
} satisfies z.ZodRawShape;

type LinkSettings = AdminSettings & { readonly APP_ORIGIN: string };

interface Given {
  readonly database: Database;
  readonly settings: LinkSettings;
}

/**
 * Carries an order out.
 *
 * @throws CommandError where there is no such operator, there is one already, or it is the last owner
 */
export async function runAdmin(order: Order, given: Given, print: Print): Promise<void> {
  const operators = openOperators({
    database: given.database,
    sessions: { endAllOf: (tx, adminId) => endSessionsOf(tx, adminId) },
  });
  try {
    await carryOut(order, operators, given.settings, print);
    await tellOfEnds();
  } catch (error) {
    const isRefusal = error instanceof AppError && [operatorExists, lastOwner].includes(error.kind);
    throw isRefusal ? new CommandError(`${error.message}.`, 'precondition') : error;
  }
}

async function carryOut(
  order: Order,
  operators: Operators,
  settings: LinkSettings,
  print: Print,
): Promise<void> {
  if (order.command === 'list') return list(operators, order.json, print);

  const by = { actor: operator() };
  const { command, email, json } = order;
  const say = (sentence: string, more: object = {}): void =>
    print(json ? JSON.stringify({ email, ...more }) : sentence);
  const invited = (token: string, done: string): void => {
    const link = invitationLink(settings, token);
    say(`${done} Give them this link; it works once, for ${invitationHours} hours:\n${link}`, {
      link,
      hours: invitationHours,
    });
  };

  if (command === 'create') {
    const { token } = await operators.invite({ email, role: order.role }, by);
    return invited(token, `${email} is invited as ${order.role}.`);
  }
  const id = await operators.find(email);
  if (id === undefined) {
    throw new CommandError(`There is no operator ${email}; list shows them.`, 'precondition');
  }
  switch (command) {
    case 'role':
      await operators.changeRole(id, order.role, by);
      return say(`${email} has the role ${order.role}.`, { role: order.role });
    case 'disable':
      await operators.disable(id, by);
      return say(`${email} is disabled, and signed out everywhere.`);
    case 'enable':
      await operators.enable(id, by);
      return say(`${email} may sign in again.`);
    case 'reset':
      return invited((await operators.reset(id, by)).token, `${email} has no sign-in any more.`);
  }
}

async function list(operators: Operators, json: boolean, print: Print): Promise<void> {
  const all = await operators.list();
  if (json) print(JSON.stringify({ operators: all }));
  else print(all.length === 0 ? 'There is nobody.' : all.map(lineOf).join('\n'));
}

function lineOf({ email, role, state }: ListedOperator): string {
  return [email, role.padEnd(9), state].join('  ');
}
