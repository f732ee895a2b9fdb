import type { Stripe } from 'stripe';
import { decimal } from '../money.ts';
import { idOf, newId } from '../state.ts';

interface Line {
  readonly item: Stripe.SubscriptionItem;
  readonly price: Stripe.Price;
  readonly quantity: number;
  readonly amount: number;
  readonly description: string;
  readonly proration: boolean;
  readonly start: number;
  readonly end: number;
}

/** What is owed for the periods that the items of a subscription are in. */
export function linesFor(
  subscription: Stripe.Subscription,
  items: readonly Stripe.SubscriptionItem[] = subscription.items.data,
  free = false,
): Stripe.InvoiceLineItem[] {
  return items.map((item) => {
    const quantity = item.quantity ?? 1;
    return line(subscription, {
      item,
      price: item.price,
      quantity,
      amount: free ? 0 : (item.price.unit_amount ?? 0) * quantity,
      description: `${quantity} × ${item.price.nickname ?? item.price.id}`,
      proration: false,
      start: item.current_period_start,
      end: item.current_period_end,
    });
  });
}

/** What is given back for the rest of a period, and what is owed for it instead. */
export function prorationLines(
  subscription: Stripe.Subscription,
  before: Stripe.SubscriptionItem,
  after: Pick<Stripe.SubscriptionItem, 'price' | 'quantity'>,
  at: number,
): Stripe.InvoiceLineItem[] {
  const { current_period_start: start, current_period_end: end } = before;
  const share = Math.min(1, Math.max(0, (end - at) / (end - start)));
  const part = ({ price, quantity = 1 }: typeof after) =>
    Math.round((price.unit_amount ?? 0) * quantity * share);
  const common = { item: before, proration: true, start: at, end };
  const unused = { price: before.price, quantity: before.quantity ?? 1 };
  const remaining = { price: after.price, quantity: after.quantity ?? 1 };
  return [
    line(subscription, {
      ...common,
      ...unused,
      amount: -part(unused),
      description: `Unused time on ${unused.price.nickname ?? unused.price.id}`,
    }),
    line(subscription, {
      ...common,
      ...remaining,
      amount: part(remaining),
      description: `Remaining time on ${remaining.price.nickname ?? remaining.price.id}`,
    }),
  ];
}

function line(
  subscription: Stripe.Subscription,
  { item, price, quantity, amount, description, proration, start, end }: Line,
): Stripe.InvoiceLineItem {
  return {
    id: newId('il'),
    object: 'line_item',
    amount,
    currency: price.currency,
    description,
    discount_amounts: [],
    discountable: !proration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: proration ? newId('ii') : null,
        proration,
        proration_details: { credited_items: null },
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    period: { start, end },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: price.id, product: idOf(price.product) },
      type: 'price_details',
      unit_amount_decimal: price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: decimal(quantity),
    subscription: subscription.id,
    subtotal: amount,
    taxes: [],
  };
}
