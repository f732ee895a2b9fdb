// T5: what one tenant asks never shows what another has, though their requests share two connections
// of the database and come in any order.
import { expect, test } from 'vitest';
import { useService } from '../support/service.ts';
import type { Tenant } from '../support/tenant.ts';
import { domainCalls } from './support/domain-calls.ts';
import { addMember, invite, newAddress, newOrganization } from './support/organizations.ts';

const service = useService({ DATABASE_POOL_SIZE: '2' });

/** Requests of each tenant: as many as `INTERLEAVED_REQUESTS` says. */
const count = Number(process.env['INTERLEAVED_REQUESTS'] ?? 100);
/** Requests that are under way at once. */
const together = 20;

interface Known {
  readonly acting: Tenant;
  /** What it can ask for. */
  readonly paths: readonly string[];
  /** Texts that no other tenant has. */
  readonly texts: readonly string[];
}

test('two tenants at once see each what is theirs', { timeout: 60_000 + count * 200 }, async () => {
  const tenants = [await knownTenant('Canary one'), await knownTenant('Canary two')] as const;
  const ask = async (index: number) => {
    const [own, other] = index % 2 === 0 ? tenants : tenants.toReversed();
    if (own === undefined || other === undefined) throw new Error('There are two tenants');
    const path = own.paths[Math.floor(index / 2) % own.paths.length] ?? '';
    const { status, body } = await own.acting.get(path);
    const text = JSON.stringify(body);
    const has = (texts: readonly string[]) => texts.filter((each) => text.includes(each));
    return { status, showsOwn: has(own.texts).length > 0, showsOthers: has(other.texts) };
  };
  const seen = new Set<string>();
  for (let first = 0; first < 2 * count; first += together) {
    const turns = Array.from({ length: together }, (_, index) => ask(first + index));
    for (const answer of await Promise.all(turns)) seen.add(JSON.stringify(answer));
  }
  const right = { status: 200, showsOwn: true, showsOthers: [] };
  expect([...seen]).toEqual([JSON.stringify(right)]);
});

/** An organization that has something of everything. */
async function knownTenant(name: string): Promise<Known> {
  const organization = await newOrganization(service, name);
  const { acting } = organization.owner;
  const member = await addMember(service, organization);
  const email = newAddress();
  await invite(service, organization, { email });
  const paths = ['', '/members', '/invitations'].map((part) => `/v1/organizations/current${part}`);
  const texts = [organization.accountId, name, member.email, email];
  for (const { method, call, pathOf } of domainCalls) {
    if (method !== 'get') continue;
    const { params, query } = (await call(acting)) ?? {};
    if (params === undefined) continue;
    paths.push(pathOf(params, query));
    texts.push(...Object.values(params));
  }
  return { acting, paths, texts };
}
