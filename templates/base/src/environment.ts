import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Thrown with every problem at once, so that a start is not a guessing game. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type Given = Readonly<Record<string, string | undefined>>;

const needs = new WeakMap<object, (given: Given) => boolean>();

/** A setting without which production does not start, and everything else does. */
export function neededInProduction<Schema extends z.ZodType>(
  schema: Schema,
): z.ZodOptional<Schema> {
  return neededWhere(schema, isProduction);
}

/**
 * A setting that others make necessary.
 *
 * @param isNeeded gets every variable that is set
 */
export function neededWhere<Schema extends z.ZodType>(
  schema: Schema,
  isNeeded: (given: Given) => boolean,
): z.ZodOptional<Schema> {
  const setting = schema.optional();
  needs.set(setting, isNeeded);
  return setting;
}

const conditions = new WeakMap<object, (given: Given) => string | undefined>();

/**
 * A setting that others rule out.
 *
 * @param refuse gets every variable that is set; why this one may not be, or nothing
 */
export function refusedWhere<Schema extends z.ZodType>(
  schema: Schema,
  refuse: (given: Given) => string | undefined,
): Schema {
  conditions.set(schema, refuse);
  return schema;
}

/**
 * Reads variables of the environment. One that is set but empty counts as not set, and a systemd
 * credential of its name stands in for one that is not.
 *
 * @throws SettingsError naming every variable that is missing or wrong, never its value
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape>> {
  const given = givenIn(env);
  const result = z.object(shape).safeParse(given);
  const missing = Object.entries(shape).flatMap(([variable, schema]) =>
    !(variable in given) && needs.get(schema)?.(given) === true ? [variable] : [],
  );
  const refused = Object.entries(shape).flatMap(([variable, schema]) => {
    const reason = variable in given ? conditions.get(schema)?.(given) : undefined;
    return reason === undefined ? [] : `  ${variable}: ${reason}`;
  });
  if (result.success && missing.length === 0 && refused.length === 0) return result.data;

  const invalid = (result.error?.issues ?? []).map((issue) => {
    const variable = String(issue.path[0]);
    return `  ${variable}: ${variable in given ? issue.message : 'is not set'}`;
  });
  const problems = [
    ...invalid,
    ...missing.map((variable) => `  ${variable}: is not set`),
    ...refused,
  ];
  throw new SettingsError(
    `The settings are not complete; .env.example says what each one means.\n${problems.join('\n')}`,
  );
}

/** What is set, by variables or by credentials (systemd.exec(5), LoadCredential=). */
export function givenIn(env: NodeJS.ProcessEnv): Given {
  const folder = env['CREDENTIALS_DIRECTORY'];
  const names = folder === undefined ? [] : readdirSync(folder);
  const credentials = names.map((name) => [
    name,
    readFileSync(join(folder ?? '', name), 'utf8').trim(),
  ]);
  const set = Object.entries(env).filter(([, value]) => value?.trim());
  return Object.fromEntries([...credentials, ...set].filter(([, value]) => value));
}

/** Whether these variables are those of production, as they are where none says otherwise. */
export function isProduction(given: Given): boolean {
  return (given['NODE_ENV'] ?? 'production') === 'production';
}

/** Loads `.env` from the current folder where there is one; variables that are set already win. */
export function loadDotEnv(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
}
