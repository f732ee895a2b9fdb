import { z } from 'zod';

/** The value as JSON. @throws TypeError, which does not quote it, where it does not fit its schema */
export function jsonFrom<T>(schema: z.ZodType<T>, value: T): string {
  const encoded = z.safeEncode(schema, value);
  const json = encoded.success ? JSON.stringify(encoded.data) : undefined;
  if (json === undefined) throw unfit(encoded.error);
  return json;
}

/** The value that was written as JSON. @throws TypeError where it does not read back */
export function valueFrom<T>(schema: z.ZodType<T>, json: string): T {
  const read = readValue(schema, json);
  if (!read.success) throw unfit(read.error);
  return read.data;
}

/** The value, or why it is none: another version of this program may have written it. */
export function readValue<T>(schema: z.ZodType<T>, json: string) {
  return z.safeDecode(schema, parsed(json));
}

/** What is no JSON fits no schema either. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function unfit(error: z.ZodError | undefined): TypeError {
  const issues = error?.issues ?? [];
  const places = issues.map(({ path, code }) => `${path.map(String).join('.')} ${code}`.trim());
  const why = places.length === 0 ? 'it has no JSON' : places.join(', ');
  return new TypeError(`What was loaded for the cache does not fit its schema: ${why}.`);
}
