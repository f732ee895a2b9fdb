import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import { accounts } from '#app/domains/accounts/models.ts';
import { grantEnded } from '#app/domains/licenses/errors.ts';
import { openGrants, type Grant } from '#app/domains/licenses/grants.ts';
import { readLicense, type License } from '#app/domains/licenses/license.ts';
import { presentLicense } from '#app/domains/licenses/present.ts';
import { organizations } from '#app/domains/organizations/models.ts';
import type { OrganizationSettings } from '#app/domains/organizations/settings.ts';
import { AppError } from '#app/errors.ts';
import { notFound, validationFailed } from '#app/http/errors.ts';
import { operator } from '../operator.ts';
import type { Print } from '../orders.ts';
import { CommandError } from '../run.ts';
import type { Order } from './order.ts';

interface Given {
  readonly database: Database;
  readonly settings: OrganizationSettings;
}

/**
 * Carries an order out.
 *
 * @throws CommandError where there is no such account or grant, or it has ended already
 */
export async function runLicenses(order: Order, given: Given, print: Print): Promise<void> {
  try {
    await carryOut(order, given, print);
  } catch (error) {
    throw refusalOf(error, order) ?? error;
  }
}

async function carryOut(order: Order, { database, settings }: Given, print: Print): Promise<void> {
  const grants = openGrants({ database });
  const accountId = await accountOf(database, order.account);
  const by = { actor: operator() };
  const say = (sentence: string, result: object): void =>
    print(order.json ? JSON.stringify({ accountId, ...result }) : sentence);

  switch (order.command) {
    case 'list': {
      const license = await readLicense(database.queries, settings, accountId);
      const all = await grants.list(accountId);
      const lines = [lineOf(license), ...all.map(lineOfGrant)];
      return say(lines.join('\n'), { license: presentLicense(license), grants: all });
    }
    case 'grant': {
      const id = await grants.grant(by, accountId, order.given);
      return say(`${id} is granted.`, { id });
    }
    case 'revoke': {
      const { id, reason } = order;
      await grants.revoke(by, accountId, { id, reason });
      return say(`${id} is revoked.`, { id });
    }
  }
}

/** @throws not_found */
async function accountOf({ queries }: Database, text: string): Promise<string> {
  const [found] = z.uuid().safeParse(text).success
    ? await queries.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, text))
    : await queries
        .select({ id: organizations.accountId })
        .from(organizations)
        .where(eq(organizations.slug, text));
  if (found === undefined) throw notFound();
  return found.id;
}

function refusalOf(error: unknown, order: Order): CommandError | undefined {
  if (!(error instanceof AppError)) return undefined;
  switch (error.kind) {
    case notFound: {
      const what = order.command === 'revoke' ? `grant ${order.id} of ` : '';
      return new CommandError(`There is no ${what}account ${order.account}.`, 'precondition');
    }
    case grantEnded:
    case validationFailed:
      return new CommandError(error.message, 'precondition');
    default:
      return undefined;
  }
}

function lineOf({ source, plan, seats, entitlements, expiresAt }: License): string {
  return [
    `in force: ${source}`,
    ...(plan === undefined ? [] : [`plan ${plan}`]),
    `seats ${Number.isFinite(seats) ? seats : 'unlimited'}`,
    `entitlements ${entitlements.join(', ') || 'none'}`,
    ...(expiresAt === undefined ? [] : [`grants end ${expiresAt.toISOString()}`]),
  ].join('  ');
}

function lineOfGrant({ id, isInForce, revokedAt, ...grant }: Grant): string {
  const state = isInForce ? 'in force' : revokedAt === null ? 'ended' : 'revoked';
  return [
    id,
    state.padEnd(8),
    ...(grant.seats === null ? [] : [`seats ${grant.seats}`]),
    ...(grant.entitlements.length === 0 ? [] : [grant.entitlements.join(', ')]),
    ...(grant.expiresAt === null ? [] : [`until ${grant.expiresAt.toISOString()}`]),
    grant.reason,
  ].join('  ');
}
