import type { Manifest } from '../../project/find.ts';
import type { Tree } from '../../render/tree.ts';

/** `error` stands between the project and working; `warning` may; `info` is to be known. */
export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  /** A sentence. */
  readonly message: string;
  /** The command that mends it. */
  readonly mend?: string;
  readonly files?: readonly string[];
}

/** What every check may look at. */
export interface Patient {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly base: Tree;
  readonly signal: AbortSignal;
  /** `npm run`, or `pnpm`. */
  readonly run: string;
}

export type Check = (patient: Patient) => Finding[] | Promise<Finding[]>;
