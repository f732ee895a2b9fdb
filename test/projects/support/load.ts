// Clients of a service behind TLS, each on a connection that it keeps.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import type { Body, Tokens } from '../../../scripts/lib/api.ts';

export interface Site {
  readonly domain: string;
  /** Of 127.0.0.1. */
  readonly port: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

export interface Outcome {
  answered: number;
  /** Requests that got no answer, or another than they should have. */
  failed: string[];
}

/** One client with one connection. */
export class Client {
  readonly #site: Site;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });

  constructor(site: Site) {
    this.#site = site;
  }

  async ask(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
  ): Promise<Reply> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const asked = request({
      host: '127.0.0.1',
      port: this.#site.port,
      servername: this.#site.domain,
      agent: this.#agent,
      method,
      path,
      headers: {
        host: this.#site.domain,
        ...(sent !== undefined && {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(sent)),
        }),
        ...headers,
      },
    });
    asked.end(sent);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: await text(response),
    };
  }

  /** Registers somebody new and signs them in. */
  async newUser(): Promise<Tokens> {
    const body = {
      email: `${crypto.randomUUID()}@example.com`,
      password: 'correct horse battery staple',
    };
    await this.ask('POST', '/v1/auth/register', { body });
    const { text: answer } = await this.ask('POST', '/v1/auth/login', { body });
    return JSON.parse(answer) as Tokens;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Clients that ask without a pause worth the name until they are told to stop; half of it writes. */
export async function load(site: Site, clients: number): Promise<() => Promise<Outcome>> {
  const outcome: Outcome = { answered: 0, failed: [] };
  const over = new AbortController();
  const users = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new Client(site);
      return { client, tokens: await client.newUser() };
    }),
  );
  const running = users.map(({ client, tokens }) => use(client, tokens, outcome, over.signal));
  return async () => {
    over.abort();
    await Promise.all(running);
    return outcome;
  };
}

async function use(
  client: Client,
  first: Tokens,
  outcome: Outcome,
  over: AbortSignal,
): Promise<void> {
  let tokens = first;
  const tell = async (what: string, question: Promise<Reply>): Promise<Body | undefined> => {
    try {
      const { status, text: answer } = await question;
      outcome.answered += 1;
      if (status === 200) return JSON.parse(answer) as Body;
      outcome.failed.push(`${what}: ${status} ${answer.slice(0, 200)}`);
    } catch (error) {
      outcome.failed.push(`${what}: ${String(error)}`);
    }
    return undefined;
  };
  while (!over.aborted) {
    const body = { refreshToken: tokens.refreshToken };
    const fresh = await tell('refresh', client.ask('POST', '/v1/auth/refresh', { body }));
    if (fresh?.accessToken === undefined || fresh.refreshToken === undefined) {
      // What was lost on the way was spent all the same.
      tokens = await client.newUser().catch(() => tokens);
      continue;
    }
    tokens = { accessToken: fresh.accessToken, refreshToken: fresh.refreshToken };
    const headers = { authorization: `Bearer ${tokens.accessToken}` };
    await tell('me', client.ask('GET', '/v1/auth/me', { headers }));
    await delay(20);
  }
  client.close();
}
