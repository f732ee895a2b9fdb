// The generated backend's API, as a client sees it.

import { setTimeout as delay } from 'node:timers/promises';

export interface Answer {
  status: number;
  headers: Headers;
  /** The body as text. */
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: Body | undefined;
  milliseconds: number;
}

/** What the answers of the API hold, as far as somebody looks at it. */
export interface Body {
  user?: { id: string; email: string };
  accessToken?: string;
  refreshToken?: string;
  /** RFC 9457. */
  type?: string;
  title?: string;
  status?: number | string;
  requestId?: string;
  [other: string]: unknown;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/** A client of one running backend. Each method sends one request and takes every status. */
export class Api {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const started = performance.now();
    const response = await fetch(new URL(path, this.url), { ...init, method, redirect: 'manual' });
    const text = await response.text();
    const milliseconds = performance.now() - started;
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    const json = isJson ? (JSON.parse(text) as Body) : undefined;
    return { status: response.status, headers: response.headers, text, json, milliseconds };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request('GET', path, { headers });
  }

  post(path: string, body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.request('POST', path, { headers, body: JSON.stringify(body) });
  }

  register(email: string, password: string): Promise<Answer> {
    return this.post('/v1/auth/register', { email, password });
  }

  login(email: string, password: string): Promise<Answer> {
    return this.post('/v1/auth/login', { email, password });
  }

  me(accessToken: string): Promise<Answer> {
    return this.get('/v1/auth/me', { authorization: `Bearer ${accessToken}` });
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.post('/v1/auth/refresh', { refreshToken });
  }

  logout(refreshToken: string): Promise<Answer> {
    return this.post('/v1/auth/logout', { refreshToken });
  }

  /**
   * Waits until something listens at the address: no event tells that of another process.
   *
   * @throws Error if the program that should ends before, or does not within 30 s
   */
  async untilReachable(program: { running: boolean; output: string }): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        await this.get('/healthz');
        return;
      } catch (error) {
        if (!program.running || Date.now() > deadline) {
          throw new Error(`Nothing answers at ${this.url}. ${program.output}`, { cause: error });
        }
        await delay(20);
      }
    }
  }

  /** Registers somebody new and signs them in. @throws Error on any other answer than expected */
  async newUser(email = `${crypto.randomUUID()}@example.com`): Promise<Tokens & { email: string }> {
    const password = 'correct horse battery staple';
    const registered = await this.register(email, password);
    expectStatus(registered, 201);
    const { json } = expectStatus(await this.login(email, password), 200);
    return {
      email,
      accessToken: String(json?.accessToken),
      refreshToken: String(json?.refreshToken),
    };
  }
}

/** @throws Error that shows the answer, if its status is another one */
export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`Expected ${status}, got ${answer.status}: ${answer.text}`);
}
