// What the home page shows is a list of figures, so that each part of the product adds its own.
import type { Services } from '#app/lifecycle.ts';
import type { Permission } from '../../roles.ts';

export interface Figure {
  readonly title: string;
  /** Who does not have it does not see the figure. */
  readonly permission: Permission;
  readonly load: (services: Services) => Promise<FigureValue>;
}

export interface FigureValue {
  /** As it is read: `1,204`, `€ 3,120.00`. */
  readonly value: string;
  readonly note?: string;
  /** Where it leads. */
  readonly to?: `/admin${string}`;
  /** Whether somebody has to look after it. */
  readonly bad?: boolean;
  /** The last days, the oldest first, for a small chart. */
  readonly days?: readonly { readonly day: string; readonly value: number }[];
}

/** Declares a figure of the home page. */
export function defineFigure(figure: Figure): Figure {
  return figure;
}
