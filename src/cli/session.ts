/** What every command of one run shares. */
export interface Session {
  readonly version: string;
  readonly cwd: string;
  /** Aborted when the user interrupts; whoever holds something lets go of it then. */
  readonly signal: AbortSignal;
}
