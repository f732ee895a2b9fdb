// Layers are laid features first, then pairs, then domains. People want another order: what the
// product is about first, what runs it last.
import { expect, test } from 'vitest';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import { rendered } from './support/combinations.ts';
import { answersOf } from './support/fixtures.ts';

const tree = rendered(
  answersOf({
    tier: 'professional',
    features: ['admin', 'billing', 'email'],
    domains: [{ name: 'orders', fields: parseFields('title:string'), admin: true }],
  }),
);

/** The entries of a list file in the admin area, in their order. */
function entriesOf(path: string): string[] {
  const text = String(tree.get(`src/domains/admin/pages/${path}`)?.content);
  return [...text.matchAll(/^ {2}(\w+),$/gm)].map(([, name = '']) => name);
}

test('the navigation has customers, organizations, money and data before flags, the log and operators', () => {
  const pages = entriesOf('list.ts');
  const listed = [
    'homePage',
    'customersPage',
    'webhooksPage',
    'listOrdersPage',
    'flagsPage',
    'jobsPage',
  ];
  const last = ['auditPage', 'instancesPage', 'operatorsPage'];
  expect(pages.filter((name) => [...listed, ...last].includes(name))).toEqual([...listed, ...last]);
});

test('a customer’s page begins with the subscription and ends with the audit log', () => {
  expect(entriesOf('customers/sections.ts')).toEqual([
    'subscriptionSection',
    'invoicesSection',
    'paymentsSection',
    'sessionsSection',
    'organizationsSection',
    'customerLicense',
    'secondFactorSection',
    'mailSection',
    'linksSection',
    'impersonationSection',
    'auditSection',
  ]);
});

test('the home page has customers and money before what runs', () => {
  expect(entriesOf('home/figures.ts')).toEqual([
    'customersFigure',
    'revenueFigure',
    'subscriptionsFigure',
    'sessionsFigure',
    'jobsFigure',
    'webhooksFigure',
    'outboxFigure',
  ]);
});
