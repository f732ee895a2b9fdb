// Which rights the app's own user has, and should have. The audit log is worth something beside who
// has taken over the app only where the app itself cannot change or remove what is in it.
import type { Connection, RowDataPacket } from 'mysql2/promise';

const all = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** What the app may do with a table, where that is not everything. */
const rightsOn: Readonly<Record<string, readonly string[]>> = {
  audit_log: ['SELECT', 'INSERT'],
  audit_head: ['SELECT', 'INSERT', 'UPDATE'],
  schema_migrations: ['SELECT'],
};

/** With one of these on `audit_log`, what is in there can be changed or removed. */
const harmful = /^(?:ALL PRIVILEGES|UPDATE|DELETE|DROP|ALTER)\b/;

export interface RightsPlan {
  /** Statements that give it, table by table, what it needs and was not given so. */
  readonly grants: readonly string[];
  /** Statements that take away with what it could change or remove entries of the audit log. */
  readonly revokes: readonly string[];
  /** Whether it can work with what it has, however that was given. */
  readonly works: boolean;
}

/**
 * Compares what the app's user may do with what it should.
 *
 * @param app its own connection; no database need be chosen
 * @param owner one of the schema's owner, after the migrations
 */
export async function planRights(app: Connection, owner: Connection): Promise<RightsPlan> {
  const [[user]] = await app.query<RowDataPacket[]>('SELECT CURRENT_USER() AS account');
  const account = quoteAccount(String(user?.['account']));
  const [lines] = await app.query<RowDataPacket[]>('SHOW GRANTS');
  const given = lines.flatMap((line) => parseGrant(String(Object.values(line)[0])));
  const [tables] = await owner.query<RowDataPacket[]>(
    "SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME",
  );
  const grants: string[] = [];
  const guarding = new Set<Grant>();
  let works = true;
  for (const row of tables) {
    const table = { schema: String(row['schema']), name: String(row['name']) };
    const needed = rightsOn[table.name] ?? all;
    const covering = given.filter((grant) => covers(grant, table));
    const own = covering.filter(({ name }) => name === table.name);
    const lacks = (from: readonly Grant[]): boolean => needed.some((right) => !has(from, right));
    if (lacks(own)) {
      grants.push(
        `GRANT ${needed.join(', ')} ON ${quote(table.schema)}.${quote(table.name)} TO ${account}`,
      );
    }
    works &&= !lacks(covering);
    if (table.name.startsWith('audit_')) {
      for (const grant of covering) guarding.add(grant);
    }
  }
  const revokes = [...guarding].flatMap((grant) => {
    const excess = grant.rights.filter((right) => harmful.test(right) && !isMeant(grant, right));
    return excess.length === 0
      ? []
      : [`REVOKE ${excess.join(', ')} ON ${grant.on} FROM ${account}`];
  });
  return { grants, revokes, works };
}

interface Grant {
  readonly rights: readonly string[];
  /** A pattern of LIKE, or `*`. */
  readonly schema: string;
  /** A table, or `*`. */
  readonly name: string;
  /** Both, as the server writes them. */
  readonly on: string;
}

/** A line of SHOW GRANTS; nothing where it is of roles or routines. */
function parseGrant(line: string): Grant[] {
  const [, rights = '', on = '', schema = '', name = ''] =
    /^GRANT (.+?) ON ((\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`)) TO /.exec(line) ?? [];
  if (on === '') return [];
  // The commas between columns, in brackets, separate no rights.
  const each = rights.split(/, ?(?![^(]*\))/);
  return [{ rights: each, schema: unquote(schema), name: unquote(name), on }];
}

function covers({ schema, name }: Grant, table: { schema: string; name: string }): boolean {
  if (name !== '*') return schema === table.schema && name === table.name;
  return schema === '*' || schema === table.schema || patternOf(schema).test(table.schema);
}

/** As of LIKE: `%` and `_` stand for others, unless a backslash is before them. */
function patternOf(schema: string): RegExp {
  const source = schema.replaceAll(/\\?[\s\S]/g, (each) => {
    if (each === '%') return '.*';
    return each === '_' ? '.' : each.replace(/^\\/, '').replace(/\W/, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}

function has(grants: readonly Grant[], right: string): boolean {
  return grants.some(({ rights }) => rights.includes(right) || rights.includes('ALL PRIVILEGES'));
}

function isMeant({ name }: Grant, right: string): boolean {
  return rightsOn[name]?.includes(right) ?? false;
}

/** `user@host`, where the user's name may have an @ too. */
function quoteAccount(account: string): string {
  const at = account.lastIndexOf('@');
  return [account.slice(0, at), account.slice(at + 1)]
    .map((part) => `'${part.replaceAll(/['\\]/g, '\\$&')}'`)
    .join('@');
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function unquote(name: string): string {
  return name === '*' ? name : name.slice(1, -1).replaceAll('``', '`');
}
