// What each role may, written down once more: every route for signed-in users is tried, whatever domain
// it is of, and a new one of organizations fails until it is in here.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { permissionRules } from '#app/domains/organizations/access/permission-rules.ts';
import { roleNames, type RoleName } from '#app/domains/organizations/roles.ts';
import { describedRoutes, type DescribedRoute } from '../support/all-routes.ts';
import { useService, type Answer } from '../support/service.ts';
import { addMember, newOrganization, type TestMember } from './support/organizations.ts';

const service = useService();

const nameOf = ({ method, path }: DescribedRoute) => `${method} ${path}`;

const everybody: readonly RoleName[] = roleNames;
const admins: readonly RoleName[] = ['owner', 'admin'];

/** Who may use the routes of organizations. */
const ofOrganizations: Record<string, readonly RoleName[]> = {
  'get /v1/organizations': everybody,
  'post /v1/organizations': everybody,
  'post /v1/organizations/switch': everybody,
  'post /v1/organizations/invitations/accept': everybody,
  'get /v1/organizations/current': everybody,
  'patch /v1/organizations/current': admins,
  'delete /v1/organizations/current': ['owner'],
  'post /v1/organizations/current/transfer': ['owner'],
  'post /v1/organizations/current/leave': everybody,
  'get /v1/organizations/current/members': everybody,
  'patch /v1/organizations/current/members/{userId}': admins,
  'delete /v1/organizations/current/members/{userId}': admins,
  'get /v1/organizations/current/invitations': admins,
  'post /v1/organizations/current/invitations': admins,
  'post /v1/organizations/current/invitations/{id}/resend': admins,
  'delete /v1/organizations/current/invitations/{id}': admins,
};

/** Who may use another: what is about the person everybody, and all the rest by its method. */
function allowed(route: DescribedRoute): readonly RoleName[] {
  const { method, path } = route;
  const own = ofOrganizations[nameOf(route)];
  if (own !== undefined) return own;
  if (path.startsWith('/v1/auth/') || method === 'get') return everybody;
  return ['owner', 'admin', 'member'];
}

/** Routes that a rule is about have a test beside the rule. */
const hasRule = ({ path }: DescribedRoute) =>
  Object.keys(permissionRules).some((each) => each !== '/v1/auth' && path.startsWith(`${each}/`));

let routes: DescribedRoute[];
beforeAll(async () => {
  const all = await describedRoutes(service);
  routes = all.filter((route) => route.takesUser && !hasRule(route));
});

test('every route of organizations is written down', async () => {
  const own = await describedRoutes(service, 'organizations');
  const names = own.filter(({ takesUser }) => takesUser).map(nameOf);
  expect(names.toSorted()).toEqual(Object.keys(ofOrganizations).toSorted());
});

/** What ends what the others need comes last. */
const last = ['post /v1/organizations/current/leave', 'post /v1/auth/logout-all'];
const place = (route: DescribedRoute) => last.indexOf(nameOf(route));

test.each(roleNames)('%s: may what is written down, and nothing else', async (role) => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization, role);
  for (const route of routes.toSorted((a, b) => place(a) - place(b))) {
    const { status, body } = await ask(member, route);
    const refused = status === 403 && body.code === 'role_insufficient';
    expect([nameOf(route), refused]).toEqual([nameOf(route), !allowed(route).includes(role)]);
    expect(status).not.toBe(401);
  }
});

/** Asks for something that is not there, by a body that no route takes. */
function ask({ acting }: TestMember, { method, path }: DescribedRoute): Promise<Answer> {
  const address = path.replaceAll(/\{\w+\}/g, randomUUID());
  return method === 'get'
    ? acting.get(address)
    : acting[method as 'post' | 'patch' | 'delete'](address, { nothing: 'that it takes' });
}
