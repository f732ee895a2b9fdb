/** What is being loaded in this process, so that it is loaded once for all who ask meanwhile. */
export interface Flights {
  /** Whether something is being loaded under the name. */
  has(name: string): boolean;
  /** Loads it, or joins those who wait for it already. */
  join(name: string, tags: readonly string[], load: () => Promise<string>): Promise<string>;
  /** Has nobody join what has the tag any more; those who wait get it still. */
  leave(tag: string): void;
  /** Waits for all that is being loaded. */
  settled(): Promise<void>;
}

export function singleFlight(): Flights {
  const flights = new Map<string, { tags: readonly string[]; result: Promise<string> }>();
  return {
    has: (name) => flights.has(name),
    join(name, tags, load) {
      const begun = flights.get(name);
      if (begun) return begun.result;
      const flight = { tags, result: load() };
      flights.set(name, flight);
      const land = (): void => {
        if (flights.get(name) === flight) flights.delete(name);
      };
      flight.result.then(land, land);
      return flight.result;
    },
    leave(tag) {
      for (const [name, { tags }] of flights) if (tags.includes(tag)) flights.delete(name);
    },
    async settled() {
      await Promise.allSettled([...flights.values()].map(({ result }) => result));
    },
  };
}
