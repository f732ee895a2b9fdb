// Sends so many events to a URL by 50 connections, as fast as they are taken. Prints events per second.
//   node scripts/bench/webhook-load.ts <url> <count>

import { Agent } from 'node:http';
import process from 'node:process';

import { type Delivery, deliveries, send } from './webhook-event.ts';

const connections = 50;
const [url = '', count = ''] = process.argv.slice(2);
// Signing is Stripe's work: it is done before the clock runs.
const waiting = deliveries(Number(count));
const agent = new Agent({ keepAlive: true, maxSockets: connections });

const started = performance.now();
await Promise.all(Array.from({ length: connections }, sendAll));
const seconds = (performance.now() - started) / 1000;
agent.destroy();
process.stdout.write(String(Number(count) / seconds));

async function sendAll(): Promise<void> {
  let delivery: Delivery | undefined;
  while ((delivery = waiting.pop()) !== undefined) await send(url, delivery, agent);
}
