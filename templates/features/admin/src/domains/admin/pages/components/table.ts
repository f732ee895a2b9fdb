import { html } from 'ghtml';

export interface Column<Row> {
  readonly title: string;
  /** HTML of a cell. */
  readonly cell: (row: Row) => string;
  readonly align?: 'end';
}

/**
 * A table that scrolls sideways by itself on a narrow screen.
 *
 * @param options.caption what it lists, for who cannot see where it stands
 * @param options.empty what is said in place of a table without rows
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: { readonly caption: string; readonly empty: string },
): string {
  if (rows.length === 0) return html`<p class="empty">${options.empty}</p>`;
  const heads = columns.map(
    ({ title, align }) => html`<th scope="col" class="${align ?? 'start'}">${title}</th>`,
  );
  const lines = rows.map(
    (row) =>
      html`<tr>
        !${columns.map(
          ({ cell, align }) => html`<td class="${align ?? 'start'}">!${cell(row)}</td>`,
        )}
      </tr>`,
  );
  return html`<div class="scroll" role="region" aria-label="${options.caption}" tabindex="0">
    <table>
      <caption class="unseen">
        ${options.caption}
      </caption>
      <thead>
        <tr>
          !${heads}
        </tr>
      </thead>
      <tbody>
        !${lines}
      </tbody>
    </table>
  </div>`;
}
