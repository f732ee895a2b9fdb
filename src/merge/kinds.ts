const lists = new Set([
  'src/domains/index.ts',
  'src/database/schema.ts',
  'src/settings.ts',
  'src/lifecycle.ts',
  'src/background.ts',
  'src/http/hooks.ts',
  'src/http/exposed-headers.ts',
  'src/http/limits/unlimited.ts',
  'src/platform/outbox/deliveries.ts',
  'src/platform/jobs/list.ts',
  'src/domains/email/preview/examples.ts',
  'src/domains/auth/other-sessions.ts',
  'src/domains/auth/sessions/end-tellers.ts',
  'test/support/production.ts',
  'test/support/variables.ts',
  'test/support/tenants.ts',
  'test/support/route-calls.ts',
  'test/support/across-accounts.ts',
  'dev/companions.ts',
  'dev/servers.ts',
  'src/domains/billing/other-contacts.ts',
  'src/domains/organizations/access/permission-rules.ts',
  'src/domains/organizations/deletion/checks.ts',
  'test/organizations/support/endings.ts',
  'src/domains/admin/pages/list.ts',
  'src/domains/admin/pages/customers/sections.ts',
  'src/domains/admin/pages/customers/searches.ts',
  'src/domains/admin/pages/customers/owners.ts',
  'src/domains/admin/pages/organizations/sections.ts',
  'src/domains/admin/pages/home/figures.ts',
  '.env.example',
]);

const json = new Set(['package.json', 'tsconfig.json', '.oxlintrc.json', '.oxfmtrc.json']);

export type Kind = 'list' | 'json' | 'text';

/** How edits of a file are merged: line by line, key by key, or as text. */
export function kindOf(path: string): Kind {
  if (lists.has(path)) return 'list';
  return json.has(path) ? 'json' : 'text';
}
