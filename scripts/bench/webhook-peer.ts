// What the generated inbox is measured against: the same, written by hand for this purpose alone,
// in the same two commits, and with everything around it that a service needs: request log, security
// headers, raw body, verified signature, validated event. Its statements are those that one writes by
// hand, locking the event, making its effect, marking it; the service marks first, and so needs no
// statement that locks.

import { randomUUID } from 'node:crypto';
import process from 'node:process';
import express, { type Request } from 'express';
import helmet from 'helmet';
import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { pino } from 'pino';
import { Stripe } from 'stripe';
import { z } from 'zod';

import { listen, openPool } from './serve.ts';

const { STRIPE_WEBHOOK_SECRETS = '', ACCOUNT_ID = '' } = process.env;
const secrets = STRIPE_WEBHOOK_SECRETS.split(',');

const log = pino({ base: null });
const pool = openPool();
pool.pool.on('connection', (connection) => {
  connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
});

const Event = z.object({
  id: z.string().regex(/^evt_\w{1,250}$/),
  type: z.string(),
  livemode: z.boolean(),
  api_version: z.string(),
  created: z.int(),
});
type Event = z.infer<typeof Event>;

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use((request, response, next) => {
  const requestId = randomUUID();
  const start = performance.now();
  const { method, path } = request;
  response.setHeader('X-Request-Id', requestId);
  response.once('close', () => {
    const durationMs = performance.now() - start;
    log.info({ requestId, method, path, status: response.statusCode, durationMs }, 'request');
  });
  next();
});
app.use(helmet());

app.get('/healthz', (_request, response) => {
  response.json({ status: 'ok' });
});

app.post(
  '/webhooks/stripe',
  express.raw({ type: () => true, limit: '256kb' }),
  async (request: Request<object, object, Buffer>, response) => {
    const event = readEvent(request.body, request.headers['stripe-signature']);
    if (event === undefined) {
      response.status(400).json({ error: 'invalid_signature' });
      return;
    }
    const lease = randomUUID();
    const id = await store(event, request.body, lease);
    if (id !== undefined) await work(id, lease, event);
    response.json({ received: true, ...(id === undefined && { duplicate: true }) });
  },
);

listen(app);

function readEvent(body: Buffer, header: string | string[] | undefined): Event | undefined {
  for (const secret of secrets) {
    try {
      return Event.parse(Stripe.webhooks.constructEvent(body, header ?? '', secret));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    }
  }
  return undefined;
}

/** The first commit. @returns the id of the row; nothing where the event is there already */
async function store(event: Event, body: Buffer, lease: string): Promise<number | undefined> {
  try {
    const [{ insertId }] = await pool.query<ResultSetHeader>(
      `INSERT INTO webhook_events (provider, event_id, type, livemode, api_version, event_created,
         payload, state, attempts, lease_token, available_at, received_at)
       VALUES ('stripe', ?, ?, ?, ?, ?, ?, 'processing', 1, ?,
         UTC_TIMESTAMP(3) + INTERVAL 60 SECOND, UTC_TIMESTAMP(3))`,
      [event.id, event.type, event.livemode, event.api_version, event.created, body, lease],
    );
    return insertId;
  } catch (error) {
    if (error instanceof Error && 'errno' in error && error.errno === 1062) return undefined;
    throw error;
  }
}

/** The second commit: the effect, and that it was made. */
async function work(id: number, lease: string, event: Event): Promise<void> {
  const connection = await pool.getConnection();
  try {
    await connection.query('START TRANSACTION');
    await makeEffect(connection, id, lease, event);
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  } finally {
    connection.release();
  }
}

async function makeEffect(
  connection: PoolConnection,
  id: number,
  lease: string,
  event: Event,
): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT id FROM webhook_events
     WHERE id = ? AND state = 'processing' AND lease_token = ? FOR UPDATE`,
    [id, lease],
  );
  if (rows.length === 0) return;
  await connection.query('INSERT INTO billing_effects (source, account_id) VALUES (?, ?)', [
    `${event.type}:${event.id}`,
    ACCOUNT_ID,
  ]);
  const [{ affectedRows }] = await connection.query<ResultSetHeader>(
    `UPDATE webhook_events
     SET state = 'processed', available_at = NULL, processed_at = UTC_TIMESTAMP(3),
       last_error = NULL, lease_token = NULL
     WHERE id = ? AND state = 'processing' AND lease_token = ?`,
    [id, lease],
  );
  if (affectedRows !== 1) throw new Error('The lease was lost.');
}
