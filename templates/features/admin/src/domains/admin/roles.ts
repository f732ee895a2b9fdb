// Who may do what in the admin area, as data. A permission is `<thing>.<act>`, such as
// `customers.read`; `*` stands for every thing, or every act.

export type Permission = `${string}.${string}`;

export interface Role {
  /** What people see it called. */
  readonly title: string;
  readonly permissions: readonly Permission[];
}

export const roles = {
  owner: { title: 'Owner', permissions: ['*.*'] },
  support: {
    title: 'Support',
    permissions: [
      '*.read',
      'customers.change',
      'customers.impersonate',
      'data.*',
      'refunds.create',
      'webhooks.payload',
      'webhooks.change',
    ],
  },
  'read-only': { title: 'Read-only', permissions: ['*.read'] },
} as const satisfies Readonly<Record<string, Role>>;

export type RoleName = keyof typeof roles;

export const roleNames = Object.keys(roles) as [RoleName, ...RoleName[]];

/** What every role may: see to one's own sign-in. */
const everyRole: readonly Permission[] = ['own.*'];

/** Whether a role may do what a permission is for. */
export function may(role: RoleName, permission: Permission): boolean {
  const dot = permission.lastIndexOf('.');
  const [thing, act] = [permission.slice(0, dot), permission.slice(dot + 1)];
  const given: readonly Permission[] = [...everyRole, ...roles[role].permissions];
  return given.some((one) => {
    const at = one.lastIndexOf('.');
    return matches(one.slice(0, at), thing) && matches(one.slice(at + 1), act);
  });
}

/** `data` stands for `data.orders` too. */
function matches(pattern: string, name: string): boolean {
  return pattern === '*' || name === pattern || name.startsWith(`${pattern}.`);
}
