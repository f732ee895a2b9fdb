import type { State } from '../state.ts';
import type { Params } from './params.ts';

export interface ApiRequest {
  readonly state: State;
  /** What the path names, or an empty text. */
  readonly id: string;
  /** The query or the form. */
  readonly params: Params;
}

/** What answers which method and path. Each runs at once and whole, so requests never interleave. */
export type Routes = Record<string, (request: ApiRequest) => object>;

export interface Match {
  readonly answer: Routes[string];
  readonly id: string;
}

/** Finds what answers a request. */
export function match(routes: Routes, method: string, path: string): Match | undefined {
  const exact = routes[`${method} ${path}`];
  if (exact) return { answer: exact, id: '' };
  const parts = path.split('/');
  for (const position of [parts.length - 1, parts.length - 2]) {
    const pattern = parts.with(position, ':id').join('/');
    const answer = routes[`${method} ${pattern}`];
    if (answer) return { answer, id: decodeURIComponent(parts[position] ?? '') };
  }
  return undefined;
}
