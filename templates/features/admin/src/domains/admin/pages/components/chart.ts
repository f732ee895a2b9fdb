// A small chart that is drawn on the server: it needs no script, and takes its colour from the text
// around it.
import { html } from 'ghtml';

export interface Day {
  /** `2026-11-26`. */
  readonly day: string;
  readonly value: number;
}

/** Units of the drawing; a page may show it in any size. */
const barWidth = 6;
const gap = 2;
const height = 40;

/**
 * A bar a day, the oldest first. Who cannot see it is told every value.
 *
 * @param id unlike that of any other chart on the page
 * @param title what is charted
 * @returns nothing where there are no days
 */
export function chart(id: string, title: string, days: readonly Day[]): string {
  const [first, last] = [days.at(0), days.at(-1)];
  if (first === undefined || last === undefined) return '';
  const highest = Math.max(1, ...days.map(({ value }) => value));
  const width = days.length * (barWidth + gap) - gap;
  const values = days.map(({ value }) => value).join(', ');

  return html`<svg
    class="chart"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-labelledby="${id}-title ${id}-values"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-values">From ${first.day} to ${last.day}, day by day: ${values}</desc>
    <g fill="currentColor">
      !${days.map(({ day, value }, index) => {
        // What is nothing, or less, is drawn as a line, so that each day has its place.
        const tall = Math.max(1, Math.round((value / highest) * height));
        return html`<rect
          x="${index * (barWidth + gap)}"
          y="${height - tall}"
          width="${barWidth}"
          height="${tall}"
        >
          <title>${day}: ${value}</title>
        </rect>`;
      })}
    </g>
  </svg>`;
}
