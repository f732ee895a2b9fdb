// What the arguments of npm run admin ask for.
import { roleNames, type RoleName } from '#app/domains/admin/roles.ts';
import { Email } from '#app/domains/auth/schemas.ts';
import { parseOrder } from '../orders.ts';
import { CommandError } from '../run.ts';

export const usage = `Usage: npm run admin -- create <email> [--role <role>] [--json]
       npm run admin -- list [--json]
       npm run admin -- role <email> <role> [--json]
       npm run admin -- disable <email> [--json]
       npm run admin -- enable <email> [--json]
       npm run admin -- reset <email> [--json]

create   invites an operator to the admin area, and prints the link; as owner unless --role says
list     shows the operators
role     gives an operator another role: ${roleNames.join(', ')}
disable  keeps an operator out, at once
enable   lets an operator in again
reset    for who has lost the password or the authenticator app: prints a new invitation

Examples:
  npm run admin -- create ada@example.com
  npm run admin -- create grace@example.com --role support`;

const options = { role: { type: 'string' }, json: { type: 'boolean' } } as const;

export type Order = { readonly json: boolean } & (
  | { readonly command: 'list' }
  | { readonly command: 'create' | 'role'; readonly email: string; readonly role: RoleName }
  | { readonly command: 'disable' | 'enable' | 'reset'; readonly email: string }
);

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const { role, json = false } = values;
  const [command, email, newRole] = positionals;
  if (command === 'create' && email !== undefined && positionals.length === 2) {
    return { command, email: emailOf(email), role: roleOf(role ?? 'owner'), json };
  }
  // The option is for who is invited; others get their role by an order of its own.
  if (role !== undefined) throw new CommandError(usage, 'badInput');
  if (command === 'list' && positionals.length === 1) return { command, json };
  if (command === 'role' && newRole !== undefined && positionals.length === 3) {
    return { command, email: emailOf(email ?? ''), role: roleOf(newRole), json };
  }
  const isChange = command === 'disable' || command === 'enable' || command === 'reset';
  if (!isChange || email === undefined || positionals.length !== 2) {
    throw new CommandError(usage, 'badInput');
  }
  return { command, email: emailOf(email), json };
}

function emailOf(text: string): string {
  const email = Email.safeParse(text);
  if (email.success) return email.data;
  throw new CommandError(`${text} is not an e-mail address.`, 'badInput');
}

function roleOf(text: string): RoleName {
  const role = roleNames.find((name) => name === text);
  if (role !== undefined) return role;
  throw new CommandError(`There is no role ${text}: it is ${roleNames.join(', ')}.`, 'badInput');
}
