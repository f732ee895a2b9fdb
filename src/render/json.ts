export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

const width = 100;

/** Whether the value is an object with keys: neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value under `key` as an object; an empty one when it is none. */
export function objectIn(value: JsonObject, key: string): JsonObject {
  const inner = value[key];
  return isObject(inner) ? inner : {};
}

/** What a text says as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** JSON as the formatter leaves it: objects one key a line, lists on one line where they fit. */
export function formatJson(value: Json): string {
  return `${print(value, '', 0)}\n`;
}

/** `extra` laid into `target`, key by key and deep: lists are joined, other values replaced. */
export function deepMerge(target: JsonObject, extra: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...target };
  for (const [key, value] of Object.entries(extra)) {
    const before = merged[key];
    if (isObject(before) && isObject(value)) merged[key] = deepMerge(before, value);
    else if (isList(before) && isList(value)) merged[key] = [...before, ...value];
    else merged[key] = value;
  }
  return merged;
}

/** The object with its keys in alphabetical order. */
export function sortKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
  );
}

/** `used` is the width that stands on the line already, and a comma that follows. */
function print(value: Json, indent: string, used: number): string {
  const inner = `${indent}  `;
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length === 0) return '{}';
    const lines = entries.map(([key, item], index) => {
      const head = `${inner}${JSON.stringify(key)}: `;
      const comma = index < entries.length - 1 ? ',' : '';
      return head + print(item ?? null, inner, head.length + comma.length) + comma;
    });
    return `{\n${lines.join('\n')}\n${indent}}`;
  }
  if (!isList(value)) return JSON.stringify(value);
  const line = inline(value);
  if (line !== undefined && used + line.length <= width) return line;
  const items = value.map((item, index) => {
    const comma = index < value.length - 1 ? ',' : '';
    return inner + print(item, inner, inner.length + comma.length) + comma;
  });
  return `[\n${items.join('\n')}\n${indent}]`;
}

/** The value on one line, unless it has an object with keys, or is a list of several lists. */
function inline(value: Json): string | undefined {
  if (isObject(value)) return Object.keys(value).length === 0 ? '{}' : undefined;
  if (!isList(value)) return JSON.stringify(value);
  if (value.length > 1 && value.every((item) => isList(item) && item.length > 1)) return undefined;
  const items = value.map((item) => inline(item));
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
}
