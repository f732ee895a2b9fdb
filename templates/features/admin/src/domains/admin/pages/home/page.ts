import { html } from 'ghtml';
import { mayOperator } from '../../operator.ts';
import { chart } from '../components/chart.ts';
import { link, state } from '../components/values.ts';
import { defineAdminPage } from '../define-page.ts';
import type { Figure, FigureValue } from './define-figure.ts';
import { figures } from './figures.ts';
import { countFigure } from './remember.ts';

const all: readonly Figure[] = Object.values(figures);

export const homePage = defineAdminPage({
  path: '/',
  title: 'Home',
  navigation: 'Home',
  permission: 'home.read',
  load: ({ services, operator }) =>
    Promise.all(
      all
        .filter(({ permission }) => mayOperator(operator, permission))
        .map(async (figure) => ({ figure, value: await countFigure(services, figure) })),
    ),
  view: (shown) =>
    html`<ul class="figures">
        !${shown.map(({ figure, value }, index) => renderFigure(`figure-${index}`, figure, value))}
      </ul>
      <p class="hint">Counted anew each minute.</p>`,
});

function renderFigure(id: string, { title }: Figure, figure: FigureValue): string {
  const { value, note, to, bad = false, days = [] } = figure;
  return html`<li class="figure">
    <h2>!${to === undefined ? html`${title}` : link(to, title)}</h2>
    <p class="value">!${bad ? state(value, 'bad') : html`${value}`}</p>
    !${note === undefined ? '' : html`<p class="hint">${note}</p>`}
    !${chart(id, `${title}, the last ${days.length} days`, days)}
  </li>`;
}
