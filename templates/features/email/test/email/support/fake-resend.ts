// A server on this machine that answers as Resend does, whose own is outside of it.
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export const apiKey = 're_test_0123456789abcdef';
export const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;

export interface ResendRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  // What a request holds is for each test to say.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface FakeResend {
  readonly url: string;
  /** What was asked of it. */
  readonly requests: readonly ResendRequest[];
  /** The mails that it has taken: the same key once. */
  readonly taken: readonly unknown[];
  /** Has every request answered so from now on. */
  answer(status: number, body: object, headers?: Record<string, string>): void;
  close(): Promise<void>;
}

/** Takes mails, and the same key once: https://resend.com/docs/dashboard/emails/idempotency-keys */
export async function openFakeResend(): Promise<FakeResend> {
  const requests: ResendRequest[] = [];
  const taken = new Map<unknown, string>();
  let fixed: { status: number; body: object; headers: Record<string, string> } | undefined;

  const server = createServer((request, response) => void respond(request, response));

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path, headers } = request;
    const body = await json(request).catch(() => undefined);
    requests.push({ method, path, headers, body });
    const answer = fixed ?? take(headers['idempotency-key'], JSON.stringify(body));
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  }

  function take(key: unknown, mail: string) {
    const before = taken.get(key);
    if (before !== undefined && before !== mail) {
      return { status: 409, body: problem('invalid_idempotent_request'), headers: {} };
    }
    taken.set(key, mail);
    return { status: 200, body: { id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' }, headers: {} };
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get taken() {
      return [...taken.values()].map((mail): unknown => JSON.parse(mail));
    },
    answer(status, body, headers = {}) {
      fixed = { status, body, headers };
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function problem(name: string, message = `Something of ann@example.com is wrong`): object {
  return { statusCode: 0, name, message };
}

export interface SignedEvent {
  readonly payload: string;
  readonly headers: Record<string, string>;
}

/**
 * An event as Resend sends it: https://docs.svix.com/receiving/verifying-payloads/how-manual
 *
 * @param options.age seconds since it was signed
 */
export function signed(
  event: unknown,
  options: { id?: string; secrets?: readonly string[]; age?: number } = {},
): SignedEvent {
  const {
    id = `msg_${randomBytes(8).toString('hex')}`,
    secrets = [webhookSecret],
    age = 0,
  } = options;
  const payload = typeof event === 'string' ? event : JSON.stringify(event);
  const timestamp = String(Math.floor(Date.now() / 1000) - age);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    payload,
    headers: {
      'svix-id': id,
      'svix-timestamp': timestamp,
      'svix-signature': signatures.join(' '),
    },
  };
}

/** What happened to a mail: https://resend.com/docs/webhooks/emails/bounced */
export function mailEvent(
  type: string,
  to: string,
  more: { bounce?: string; at?: Date } = {},
): Record<string, unknown> {
  const { bounce, at = new Date() } = more;
  return {
    type,
    created_at: at.toISOString(),
    data: {
      created_at: at.toISOString(),
      email_id: '56761188-7520-42d8-8898-ff6fc54ce618',
      message_id: '<111-222-333@email.example.com>',
      from: 'App <no-reply@example.com>',
      to: [to],
      subject: 'Hello',
      ...(bounce !== undefined && {
        bounce: { type: bounce, subType: 'General', message: `No such user ${to}` },
      }),
    },
  };
}
