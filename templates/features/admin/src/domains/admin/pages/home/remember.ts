// Figures are counted, and a count may read many rows: so each is counted once a minute at most by a
// process, however many operators load the page.
import type { Services } from '#app/lifecycle.ts';
import type { Figure, FigureValue } from './define-figure.ts';

/** Milliseconds for which a figure is shown as it was counted. */
const lifetime = 60_000;

interface Remembered {
  readonly value: Promise<FigureValue>;
  readonly until: number;
}

/** By the process's services, of which a test may have several. */
const remembered = new WeakMap<Services, Map<Figure, Remembered>>();

/** Counts a figure, unless it was counted a short time ago, or is being counted. */
export function countFigure(services: Services, figure: Figure): Promise<FigureValue> {
  const known = remembered.get(services) ?? new Map<Figure, Remembered>();
  remembered.set(services, known);
  const last = known.get(figure);
  if (last !== undefined && last.until > performance.now()) return last.value;

  const value = figure.load(services);
  known.set(figure, { value, until: performance.now() + lifetime });
  // What could not be counted is counted anew by who asks next.
  value.catch(() => known.delete(figure));
  return value;
}
