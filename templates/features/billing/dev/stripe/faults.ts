/** What goes wrong with a request. */
export interface Fault {
  /** The start of the path: `/v1/refunds`. All paths where it is not given. */
  readonly path?: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** How many requests it befalls; 1 where it is not given. */
  readonly times?: number;
  /**
   * A status that is answered in place of doing anything; `timeout` for no answer and no effect;
   * `lost` for an effect whose answer never arrives; `broken` for one that is answered with a 500.
   * What is answered with a 500 was carried out: whoever asks with the same key gets it again.
   */
  readonly with: 403 | 409 | 429 | 500 | 503 | 'timeout' | 'lost' | 'broken';
}

export interface Faults {
  readonly add: (fault: Fault) => void;
  /** The fault that befalls this request, which counts as one of its times. */
  readonly take: (method: string, path: string) => Fault | undefined;
  readonly clear: () => void;
  /** How many requests are still to go wrong. */
  readonly left: () => number;
}

export function createFaults(): Faults {
  let pending: (Fault & { left: number })[] = [];
  return {
    add(fault) {
      pending.push({ ...fault, left: fault.times ?? 1 });
    },
    take(method, path) {
      const fault = pending.find(
        (candidate) =>
          path.startsWith(candidate.path ?? '/') && (candidate.method ?? method) === method,
      );
      if (!fault) return undefined;
      fault.left -= 1;
      pending = pending.filter(({ left }) => left > 0);
      return fault;
    },
    clear() {
      pending = [];
    },
    left: () => pending.reduce((sum, { left }) => sum + left, 0),
  };
}
