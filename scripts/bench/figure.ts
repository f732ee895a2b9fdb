/** One measured figure, and what it has to be. */
export interface Figure {
  name: string;
  /** The figure as people read it: `1.8 ×`, `412 kB`. */
  value: string;
  /** What it has to be, as people read it; undefined where it is only told. */
  bar?: string;
  met?: boolean;
  /** How it came about: the absolute numbers behind a ratio. */
  detail: string;
}

/** A figure that must not be larger than its bar. */
export function atMost(
  name: string,
  value: number,
  bar: number,
  unit: Unit,
): Omit<Figure, 'detail'> {
  return { name, value: unit(value), bar: `≤ ${unit(bar)}`, met: value <= bar };
}

/** A figure that must not be smaller than its bar. */
export function atLeast(
  name: string,
  value: number,
  bar: number,
  unit: Unit,
): Omit<Figure, 'detail'> {
  return { name, value: unit(value), bar: `≥ ${unit(bar)}`, met: value >= bar };
}

type Unit = (value: number) => string;

export const times: Unit = (value) => `${value.toFixed(2)} ×`;
export const kilobytes: Unit = (value) => `${value.toFixed(0)} kB`;
export const nanoseconds: Unit = (value) => `${value.toFixed(0)} ns`;
export const milliseconds: Unit = (value) => `${value.toFixed(1)} ms`;
/** Of milliseconds. */
export const microseconds: Unit = (value) => `${(value * 1000).toFixed(0)} µs`;
export const count: Unit = String;

/**
 * The median of the ratios, round by round: what slows the machine down for a while slows down both
 * sides of a round.
 */
export function medianRatio(values: readonly number[], floor: readonly number[]): number {
  return median(values.map((value, round) => value / (floor[round] ?? Number.NaN)));
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** The value below which that share of all lies: 0.95 gives p95. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
