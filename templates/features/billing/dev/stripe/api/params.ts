import { invalidParameter, parameterMissing } from './errors.ts';

export type Param = string | Param[] | Params;
export interface Params {
  [name: string]: Param | undefined;
}

/** Reads `a=1&b[c]=2&d[0]=3&d[]=4` into objects and arrays. */
export function parseForm(text: string): Params {
  const root: Params = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const path = [...name.matchAll(/[^[\]]+|\[\]/g)].map(([part]) => part);
    put(root, path, value);
  }
  return listsIn(root);
}

function put(target: Params, path: readonly string[], value: string): void {
  const [first = '', ...rest] = path;
  const name = first === '[]' ? String(Object.keys(target).length) : first;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  const next: Params = isParams(inner) ? inner : Object.create(null);
  target[name] = next;
  put(next, rest, value);
}

function listsIn(params: Params): Params {
  const read = Object.entries(params).map(([name, value]) => [
    name,
    isParams(value) ? toList(listsIn(value)) : value,
  ]);
  return Object.fromEntries(read);
}

function toList(params: Params): Param {
  const names = Object.keys(params);
  const isList = names.length > 0 && names.every((name, index) => name === String(index));
  return isList ? names.map((name) => params[name] ?? '') : params;
}

function isParams(value: Param | undefined): value is Params {
  return typeof value === 'object' && !Array.isArray(value);
}

/** A text; `undefined` where it was not given, or unset by an empty one. */
export function textOf(params: Params, name: string): string | undefined {
  const value = params[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function needed(params: Params, name: string): string {
  const value = textOf(params, name);
  if (value === undefined) throw parameterMissing(name);
  return value;
}

export function integerOf(params: Params, name: string): number | undefined {
  const value = textOf(params, name);
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) {
    throw invalidParameter(name, `Invalid integer: ${value}`, 'parameter_invalid_integer');
  }
  return Number(value);
}

export function flagOf(params: Params, name: string): boolean | undefined {
  const value = textOf(params, name);
  return value === undefined ? undefined : value === 'true';
}

export function listOf(params: Params, name: string): Params[] {
  const value = params[name];
  return Array.isArray(value) ? value.filter(isParams) : [];
}

export function textsOf(params: Params, name: string): string[] {
  const value = params[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function objectOf(params: Params, name: string): Params {
  const value = params[name];
  return isParams(value) ? value : {};
}

/** Metadata as Stripe merges it: an empty value removes its key, an empty whole removes all. */
export function metadataOf(
  params: Params,
  current: Record<string, string> = {},
): Record<string, string> {
  if (params['metadata'] === '') return {};
  const merged = { ...current };
  for (const [key, value] of Object.entries(objectOf(params, 'metadata'))) {
    if (value === '') delete merged[key];
    else if (typeof value === 'string') merged[key] = value;
  }
  return merged;
}
