import { afterAll, beforeAll } from 'vitest';
import type { RowDataPacket } from 'mysql2/promise';
import type { Grant, NewGrant } from '#app/domains/licenses/grants.ts';
import { openServices, type OpenedServices, type Services } from '#app/lifecycle.ts';
import { createLog } from '#app/log.ts';
import { useService, type TestService } from '../../support/service.ts';

export interface TestLicenses {
  readonly service: TestService;
  /** The parts of another process on the same database. */
  readonly services: Services;
}

/** What every test grants by, and for. */
export const granter = { actor: 'operator:test' };
export const reason = 'agreed with sales';

/** Runs a service, and beside it the parts of another. */
export function useLicenses(environment: Record<string, string> = {}): TestLicenses {
  const service = useService(environment);
  const licenses = { service } as { -readonly [Key in keyof TestLicenses]: TestLicenses[Key] };
  let opened: OpenedServices;

  beforeAll(async () => {
    opened = await openServices(service.settings, createLog({ LOG_LEVEL: 'silent' }));
    licenses.services = opened.services;
  });
  afterAll(() => opened.close());
  return licenses;
}

/** Grants an account something. */
export function grantTo(
  { services }: TestLicenses,
  accountId: string,
  given: Partial<NewGrant> = {},
): Promise<string> {
  return services.licenses.grants.grant(granter, accountId, { entitlements: [], reason, ...given });
}

export function revokeFrom({ services }: TestLicenses, accountId: string, id: string) {
  return services.licenses.grants.revoke(granter, accountId, { id, reason });
}

/** A grant of an account's. */
export async function grantOf(
  { services }: TestLicenses,
  accountId: string,
  id: string,
): Promise<Grant | undefined> {
  return (await services.licenses.grants.list(accountId)).find((grant) => grant.id === id);
}

/** Has a grant end so many seconds from now, by the database's clock. */
export async function endsIn(
  { service }: TestLicenses,
  id: string,
  seconds: number,
): Promise<void> {
  await service.database.connection.query(
    'UPDATE license_grants SET expires_at = UTC_TIMESTAMP(3) + INTERVAL ? SECOND WHERE id = ?',
    [seconds, id],
  );
}

/** What was recorded of an account's licenses and invitations, in its order. */
export async function licenseActs(
  { service }: TestLicenses,
  accountId: string,
): Promise<{ actor: string; action: string; detail: Record<string, unknown> }[]> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT actor, action, CAST(detail AS CHAR) AS detail FROM audit_log WHERE subject = ? ORDER BY id',
    [`account:${accountId}`],
  );
  return rows.map((row) => ({
    actor: row['actor'],
    action: row['action'],
    detail: JSON.parse(row['detail']),
  }));
}
