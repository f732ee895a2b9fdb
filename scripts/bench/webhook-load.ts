// Sends so many events to a URL by 50 connections, as fast as they are taken. Prints events per second.
//   node scripts/bench/webhook-load.ts <url> <count>

import { createRequire } from 'node:module';
import process from 'node:process';

import { deliveries } from './webhook-event.ts';

interface Result {
  '2xx': number;
  duration: number;
  errors: number;
  timeouts: number;
  non2xx: number;
}

/** It brings no types. */
type Autocannon = (options: {
  url: string;
  connections: number;
  amount: number;
  requests: { method: 'POST'; setupRequest: (request: object) => object }[];
}) => Promise<Result>;

const [url = '', count = ''] = process.argv.slice(2);
const autocannon = createRequire(import.meta.url)('autocannon') as Autocannon;
const amount = Number(count);
// Signing is Stripe's work: it is done before the clock runs.
const prepared = deliveries(amount);
const result = await autocannon({
  url,
  amount,
  connections: 50,
  requests: [{ method: 'POST', setupRequest: (request) => ({ ...request, ...prepared.pop() }) }],
});
const wrong = result.errors + result.timeouts + result.non2xx;
if (wrong > 0 || result['2xx'] !== amount) throw new Error(`${wrong} events to ${url} failed.`);
process.stdout.write(String(amount / result.duration));
