// A Stripe of one's own in a process that can be killed: `node kept-stripe.ts FILE ENDPOINT`. It says
// how it is reached.
import { startFakeStripe } from '../../../dev/stripe/server.ts';
import { prices } from './prices.ts';

const [file = '', endpoint = ''] = process.argv.slice(2);
const stripe = await startFakeStripe({ prices, file, retryAfterMs: 20 });
stripe.deliverTo(endpoint);
const { url, secretKey, webhookSecret } = stripe;
process.stdout.write(`${JSON.stringify({ url, secretKey, webhookSecret })}\n`);
