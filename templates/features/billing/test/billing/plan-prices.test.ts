import type { Stripe } from 'stripe';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pricesOf, type WantedPrice } from '#app/domains/billing/define-plans.ts';
import { diffPlans, type PlansDiff } from '#app/domains/billing/plan-prices.ts';
import { pushesFor, pushPrice, renameProduct, renamesFor } from '#app/domains/billing/plan-push.ts';
import { planOfPrice, plans } from '#app/domains/billing/plans.ts';
import { idOf } from '#app/domains/billing/references.ts';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';

let fake: FakeStripe;
let stripe: Stripe;
const wanted = pricesOf(plans);
const [first = wanted[0], ...others] = wanted;

beforeEach(async () => {
  fake = await startFakeStripe();
  stripe = stripeClient({ STRIPE_SECRET_KEY: fake.secretKey, STRIPE_API_BASE: fake.url });
});
afterEach(() => fake.close());

function firstPrice(): WantedPrice {
  if (first === undefined) throw new Error('No plan has a price');
  return first;
}

async function pushAll(diff: PlansDiff): Promise<void> {
  for (const push of pushesFor(diff)) await pushPrice(stripe, push);
  for (const rename of renamesFor(diff)) await renameProduct(stripe, rename);
}

test('where Stripe has every price, there is no difference', async () => {
  for (const price of wanted) fake.addPrice(price);
  expect(await diffPlans(stripe, wanted)).toEqual({ missing: [], changed: [], extra: [] });
});

test('what is missing, differs or is of no plan is said', async () => {
  const changed = { ...firstPrice(), unitAmount: 1, currency: 'chf', interval: 'week' } as const;
  const { id, product } = fake.addPrice(changed);
  const { plan: _plan, ...price } = firstPrice();
  const extra = fake.addPrice({ ...price, lookupKey: 'of_no_plan' });
  expect(await diffPlans(stripe, wanted)).toEqual({
    missing: others,
    changed: [
      {
        wanted: first,
        stripePriceId: id,
        stripeProductId: product,
        differences: [
          { field: 'amount', here: firstPrice().unitAmount, there: 1 },
          { field: 'currency', here: firstPrice().currency, there: 'chf' },
          { field: 'interval', here: firstPrice().interval, there: 'week' },
        ],
      },
    ],
    extra: [expect.objectContaining({ stripePriceId: extra.id, lookupKey: 'of_no_plan' })],
  });
});

test('what is sold once, and a price that is not active, are none of the plans’ business', async () => {
  for (const price of wanted) fake.addPrice(price);
  const product = await stripe.products.create({ name: 'A book' });
  await stripe.prices.create({ product: product.id, unit_amount: 900, currency: 'usd' });
  const old = fake.addPrice({ ...firstPrice(), lookupKey: 'of_no_plan' });
  await stripe.prices.update(old.id, { active: false });
  expect(await diffPlans(stripe, wanted)).toEqual({ missing: [], changed: [], extra: [] });
});

test('a push makes what is missing, with one product a plan, and then nothing is', async () => {
  await pushAll(await diffPlans(stripe, wanted));
  expect(await diffPlans(stripe, wanted)).toEqual({ missing: [], changed: [], extra: [] });
  const names = [...fake.objects.products.values()].map(({ name }) => name);
  expect(names.toSorted()).toEqual(
    [...new Set(wanted.map(({ productName }) => productName))].toSorted(),
  );
});

test('a push that is repeated, as after an answer that was lost, makes nothing twice', async () => {
  const pushes = pushesFor(await diffPlans(stripe, wanted));
  for (const push of pushes) await pushPrice(stripe, push);
  for (const push of pushes) await pushPrice(stripe, push);
  expect(fake.objects.prices.size).toBe(wanted.length);
});

test('a new amount is a new price with the lookup key, and who bought the old one keeps the plan', async () => {
  for (const price of others) fake.addPrice(price);
  const before = fake.addPrice({ ...firstPrice(), unitAmount: 1 });
  await pushAll(await diffPlans(stripe, wanted));

  const old = await stripe.prices.retrieve(before.id);
  expect(old).toMatchObject({ active: true, lookup_key: null, unit_amount: 1 });
  expect(planOfPrice(old.lookup_key, old.metadata)).toBe(firstPrice().plan);
  const { data } = await stripe.prices.list({ lookup_keys: [firstPrice().lookupKey] });
  expect(data).toMatchObject([{ unit_amount: firstPrice().unitAmount, product: before.product }]);
  // It is known to be an older price of its plan, and not one of no plan.
  expect(await diffPlans(stripe, wanted)).toEqual({ missing: [], changed: [], extra: [] });
});

test('an amount that comes back after another is pushed each time', async () => {
  const amounts = [500, 600, 500];
  for (const unitAmount of amounts) {
    const now = [{ ...firstPrice(), unitAmount }];
    await pushAll(await diffPlans(stripe, now));
    expect(await diffPlans(stripe, now)).toMatchObject({ missing: [], changed: [] });
  }
  expect(fake.objects.prices.size).toBe(amounts.length);
});

const renamed = (name: string) =>
  wanted.map((price) =>
    price.plan === firstPrice().plan ? { ...price, productName: name } : price,
  );

test('a plan that was renamed is said, and pushed once for all of its prices, as often as it is', async () => {
  await pushAll(await diffPlans(stripe, wanted));
  for (const name of ['Advanced', 'Expert', 'Advanced', firstPrice().productName]) {
    const diff = await diffPlans(stripe, renamed(name));
    const changed = diff.changed.map(({ wanted: { plan }, differences }) => [plan, differences]);
    const before = fake.objects.products.get(diff.changed[0]?.stripeProductId ?? '')?.name;
    const difference = { field: 'name', here: name, there: before };
    const ofPlan = wanted.filter(({ plan }) => plan === firstPrice().plan);
    expect(changed).toEqual(ofPlan.map(({ plan }) => [plan, [difference]]));
    expect([pushesFor(diff).length, renamesFor(diff).length]).toEqual([0, 1]);
    await pushAll(diff);
    expect(await diffPlans(stripe, renamed(name))).toMatchObject({ missing: [], changed: [] });
  }
  expect(fake.objects.prices.size).toBe(wanted.length);
});

test('a product that several plans share is called whatever its owner likes', async () => {
  for (const price of wanted) fake.addPrice({ ...price, productName: 'All of it' });
  expect(await diffPlans(stripe, wanted)).toEqual({ missing: [], changed: [], extra: [] });
});

test('a price whose product was archived is said, and another is made that can be bought', async () => {
  await pushAll(await diffPlans(stripe, wanted));
  const price = [...fake.objects.prices.values()].find(
    ({ lookup_key: key }) => key === firstPrice().lookupKey,
  );
  const product = idOf(price?.product) ?? '';
  await stripe.products.update(product, { active: false });
  const diff = await diffPlans(stripe, wanted);
  const difference = { field: 'product', here: 'active', there: 'archived' };
  expect(diff.changed).toContainEqual({
    wanted: first,
    stripePriceId: price?.id,
    stripeProductId: product,
    differences: [difference],
  });
  await pushAll(diff);
  expect(await diffPlans(stripe, wanted)).toEqual({ missing: [], changed: [], extra: [] });
  const { data } = await stripe.prices.list({ lookup_keys: [firstPrice().lookupKey] });
  expect(data).toMatchObject([{ active: true, product: expect.not.stringMatching(product) }]);
});

test('a product that was archived is not used again', async () => {
  await pushAll(await diffPlans(stripe, [firstPrice()]));
  const [product] = fake.objects.products.values();
  await stripe.products.update(product?.id ?? '', { active: false });
  const { product: other } = await pushPrice(stripe, {
    wanted: { ...firstPrice(), productName: 'Another name', unitAmount: 1 },
    replaces: undefined,
  });
  expect(other).not.toBe(product?.id);
});

test('a price and a product that were archived since are made anew, though the keys are known', async () => {
  const all = [firstPrice()];
  await pushAll(await diffPlans(stripe, all));
  for (let time = 0; time < 2; time += 1) {
    for (const { id } of fake.objects.prices.values()) {
      await stripe.prices.update(id, { active: false });
    }
    for (const { id } of fake.objects.products.values()) {
      await stripe.products.update(id, { active: false });
    }
    await pushAll(await diffPlans(stripe, all));
    expect(await diffPlans(stripe, all)).toEqual({ missing: [], changed: [], extra: [] });
  }
});

test('a plan may be called whatever its customers read', async () => {
  const wordy = { ...firstPrice(), productName: `Größe 🚀 ${'lang '.repeat(60)}` };
  await pushAll(await diffPlans(stripe, [wordy]));
  expect([...fake.objects.products.values()]).toMatchObject([{ name: wordy.productName }]);
});
