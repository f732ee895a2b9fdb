import type { Manifest } from '../../project/find.ts';
import type { Sources } from './mends.ts';

/** `error` stands between the project and working; `warning` may; `info` is to be known. */
export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  /** A sentence. */
  readonly message: string;
  /** The command that mends it, to be run in the project's folder. */
  readonly mend?: string | undefined;
  readonly files?: readonly string[];
}

/** What every check may look at. */
export interface Patient extends Sources {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
  /** `npm run`, or `pnpm`. */
  readonly run: string;
}

export type Check = (patient: Patient) => Finding[] | Promise<Finding[]>;
