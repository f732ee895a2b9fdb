import type { TestService } from './service.ts';

interface Schema {
  readonly $ref?: string;
  readonly format?: string;
  readonly [keyword: string]: unknown;
}

interface Operation {
  readonly security?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
}

/**
 * The routes for signed-in users, as the API's own document describes them: those that take the id of
 * something, in the path, the query or the body, and those that take none.
 */
export async function routesForUsers(
  service: TestService,
): Promise<{ withIds: string[]; without: string[] }> {
  const { body: document } = await service.get('/openapi.json');
  const schemas = document.components?.schemas ?? {};
  const named = (ref: string): Schema => schemas[ref.split('/').at(-1) ?? ''] ?? {};
  const paths = Object.entries<Record<string, Operation>>(document.paths);
  const routes = paths.flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => security !== undefined)
      .map(([method, operation]) => ({
        name: `${method} ${path}`,
        takesId: path.includes('{') || hasId(inputOf(operation), named),
      })),
  );
  const names = (takesId: boolean) =>
    routes.filter((route) => route.takesId === takesId).map(({ name }) => name);
  return { withIds: names(true), without: names(false) };
}

/** All that a route takes, by its name. */
function inputOf({ parameters = [], requestBody }: Operation): Schema {
  const bodies = Object.values(requestBody?.content ?? {});
  return {
    ...Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    bodies: bodies.map(({ schema }) => schema),
  };
}

/** Whether what is called so is an id, also where it is no UUID. */
export function isIdName(name: string): boolean {
  return /^ids?$|[a-z]Ids?$/.test(name);
}

/** Whether a value of the schema can have an id in it, at any depth. */
function hasId(schema: unknown, named: (ref: string) => Schema): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const { $ref, format } = schema as Schema;
  if ($ref !== undefined) return hasId(named($ref), named);
  return (
    format === 'uuid' ||
    Object.entries(schema).some(([name, each]) => isIdName(name) || hasId(each, named))
  );
}
