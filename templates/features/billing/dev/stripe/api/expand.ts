import { snapshot, type State } from '../state.ts';
import { invalidParameter } from './errors.ts';
import { wholeList } from './lists.ts';

type Json = Record<string, unknown>;

/** Puts objects where an answer has only their ids: https://docs.stripe.com/api/expanding_objects */
export function expand(state: State, answer: object, paths: readonly string[]): object {
  const expanded: Json = snapshot(answer);
  for (const path of paths) expandAt(state, expanded, path.split('.'), path);
  return expanded;
}

function expandAt(state: State, target: unknown, path: readonly string[], whole: string): void {
  if (Array.isArray(target)) {
    for (const item of target) expandAt(state, item, path, whole);
    return;
  }
  const [name, ...rest] = path;
  if (!isJson(target) || name === undefined) return;
  target[name] = valueAt(state, target, name, whole);
  expandAt(state, target[name], rest, whole);
}

function valueAt(state: State, target: Json, name: string, whole: string): unknown {
  const value = target[name];
  if (typeof value === 'string') {
    const found = objectById(state, value);
    return found === undefined ? value : snapshot(found);
  }
  if (value !== undefined) return value;
  const included = includedOnly(state, target, name);
  if (included === undefined) {
    throw invalidParameter('expand', `This property cannot be expanded (${whole}).`);
  }
  return snapshot(included);
}

/** What an object holds only where it is asked for. */
function includedOnly(state: State, target: Json, name: string): object | undefined {
  const id = String(target['id']);
  switch (`${String(target['object'])}.${name}`) {
    case 'invoice.payments': {
      const payments = [...state.invoicePayments.values()].filter(({ invoice }) => invoice === id);
      return wholeList(`/v1/invoice_payments?invoice=${id}`, payments);
    }
    case 'charge.refunds': {
      const refunds = [...state.refunds.values()].filter(({ charge }) => charge === id);
      return wholeList(`/v1/charges/${id}/refunds`, refunds.toReversed());
    }
    case 'customer.subscriptions': {
      const subscriptions = [...state.subscriptions.values()].filter(
        ({ customer, status }) => customer === id && status !== 'canceled',
      );
      return wholeList(`/v1/customers/${id}/subscriptions`, subscriptions.toReversed());
    }
    case 'checkout.session.line_items':
      return wholeList(`/v1/checkout/sessions/${id}/line_items`, lineItems(state, id));
    default:
      return undefined;
  }
}

function lineItems(state: State, sessionId: string): object[] {
  const items = state.orders.get(sessionId)?.items ?? [];
  return items.map(({ price, quantity }, index) => {
    const total = (price.unit_amount ?? 0) * quantity;
    return {
      id: `li_${index}_${sessionId.slice(-16)}`,
      object: 'item',
      amount_discount: 0,
      amount_subtotal: total,
      amount_tax: 0,
      amount_total: total,
      currency: price.currency,
      description: price.nickname,
      price,
      quantity,
    };
  });
}

function objectById(state: State, id: string): object | undefined {
  const tables = [
    state.customers,
    state.deletedCustomers,
    state.products,
    state.prices,
    state.paymentMethods,
    state.sessions,
    state.subscriptions,
    state.invoices,
    state.invoicePayments,
    state.paymentIntents,
    state.charges,
    state.refunds,
    state.disputes,
  ];
  return tables.map((table) => table.get(id)).find((object) => object !== undefined);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
