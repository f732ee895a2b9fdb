import { html } from 'ghtml';
import { mayOperator, type Operator } from '../../operator.ts';
import { facts } from '../components/facts.ts';
import { moment, section, state, text } from '../components/values.ts';
import { type Action, defineAdminPage } from '../define-page.ts';
import { customerParams } from './customer-params.ts';
import { readCustomer, type CustomerFacts } from './customer.ts';
import type { CustomerSection } from './define-section.ts';
import { sections } from './sections.ts';

const all: readonly CustomerSection[] = Object.values(sections);

export const customerPage = defineAdminPage({
  path: '/customers/:id',
  permission: 'customers.read',
  params: customerParams,
  async load({ services, operator, params: { id } }) {
    const customer = await readCustomer(services.database.queries, id);
    const loaded = await Promise.all(
      shownTo(operator, all).map(async (each) => ({
        each,
        data: await each.load(services, customer),
      })),
    );
    return { customer, loaded };
  },
  title: ({ customer }) => customer.email,
  view: ({ customer, loaded }, view) =>
    [
      renderFacts(customer),
      ...loaded.map(({ each, data }) => section(each.title, each.view(data, view, customer))),
    ].join(''),
  actions: actionsOf(all),
});

/** The sections that an operator may see: of the others nothing is read either. */
export function shownTo<Section extends Pick<CustomerSection, 'permission'>>(
  operator: Pick<Operator, 'role'>,
  parts: readonly Section[],
): Section[] {
  return parts.filter(({ permission }) => mayOperator(operator, permission));
}

/**
 * What can be done in all sections, which are one page.
 *
 * @throws Error where two have an action of the same name: one would stand for the other
 */
export function actionsOf(
  parts: readonly Pick<CustomerSection, 'title' | 'actions'>[],
): Record<string, Action> {
  const actions = new Map<string, Action>();
  for (const { title, actions: own = {} } of parts) {
    for (const [name, action] of Object.entries(own)) {
      if (actions.has(name)) {
        throw new Error(`The section ${title} has an action ${name}, as another section has.`);
      }
      actions.set(name, action);
    }
  }
  return Object.fromEntries(actions);
}

function renderFacts(customer: CustomerFacts): string {
  const { id, accountId, emailVerifiedAt, createdAt, seenAt, hasSecondFactor } = customer;
  return facts([
    ['E-mail', text(customer.email)],
    ['User id', html`<code>${id}</code>`],
    ['Account id', html`<code>${accountId}</code>`],
    ['Verified', emailVerifiedAt === null ? state('no') : moment(emailVerifiedAt)],
    ['Registered', moment(createdAt)],
    ['Last seen', moment(seenAt)],
    ['Second factor', hasSecondFactor ? state('on', 'good') : state('off')],
  ]);
}
