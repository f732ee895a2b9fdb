import { deepMerge, formatJson, isObject, type JsonObject, objectIn, sortKeys } from './json.ts';

/** The project's package.json: the layers' own, merged key by key, under the project's name. */
export function mergePackageJson(parts: readonly string[], name: string): string {
  let merged: JsonObject = {};
  for (const part of parts) {
    const value: unknown = JSON.parse(part);
    if (!isObject(value)) throw new Error('A layer has a package.json that is not an object.');
    merged = deepMerge(merged, value);
  }
  // Where the formatter puts them: last, whichever layer brought what stands before them.
  const { engines, ...rest } = merged;
  const dependencies = ['dependencies', 'devDependencies'].filter((key) => key in merged);
  return formatJson({
    ...rest,
    name,
    ...Object.fromEntries(dependencies.map((key) => [key, sortKeys(objectIn(merged, key))])),
    ...(engines !== undefined && { engines }),
  });
}
