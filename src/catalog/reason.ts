/** Why a feature comes or goes that nobody named. */
export interface Reason {
  readonly feature: string;
  readonly outcome: 'added' | 'left out' | 'removed';
  /** The feature that needs it, or that it needs. */
  readonly cause: string;
}

const because: Record<Reason['outcome'], (cause: string) => string> = {
  added: (cause) => `${cause} needs it`,
  'left out': (cause) => `it needs ${cause}`,
  removed: (cause) => `only ${cause} needed it`,
};

/** A reason as it is told: `redis added [queues needs it]`. */
export function reasonLine({ feature, outcome, cause }: Reason): string {
  return `${feature} ${outcome} [${because[outcome](cause)}]`;
}

/** Whether both say the same of the same features. */
export function isSameReason(one: Reason, other: Reason): boolean {
  return (
    one.feature === other.feature && one.outcome === other.outcome && one.cause === other.cause
  );
}
