import type { TestService } from '../../support/service.ts';
import type { Tenant } from '../../support/tenant.ts';
import { newOrganization, type TestOrganization } from './organizations.ts';

interface Made {
  readonly service: TestService;
  readonly organization: TestOrganization;
}

const made = new Map<string, Made>();

/** An organization, and its owner who acts for it. */
export async function organizationTenant(service: TestService): Promise<Tenant> {
  const organization = await newOrganization(service);
  made.set(organization.accountId, { service, organization });
  return organization.owner.acting;
}

/** What a tenant was made of; nothing for one that is no organization. */
export function madeOf({ accountId }: Tenant): Made | undefined {
  return made.get(accountId);
}
