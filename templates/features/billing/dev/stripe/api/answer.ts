import { setTimeout as delay } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { routes } from '../resources/index.ts';
import type { Fault, Faults } from '../faults.ts';
import { newId, type Cause, type State } from '../state.ts';
import { Refusal } from './errors.ts';
import { expand } from './expand.ts';
import type { Answer, Idempotency } from './idempotency.ts';
import { parseForm, textsOf } from './params.ts';
import { match } from './routes.ts';

export interface Api {
  readonly state: State;
  readonly secretKey: string;
  readonly apiVersion: string;
  readonly faults: Faults;
  readonly idempotency: Idempotency;
  /** Milliseconds for which every answer is held back. */
  latency: number;
  /** What the events are made by that are made now. */
  cause: Cause;
  readonly requests: RequestRecord[];
  /** Writes what became of the state, so that nothing that was answered is forgotten. */
  readonly keep: () => void;
}

/** A request that was made of the API. */
export interface RequestRecord {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly status: number | 'timeout' | 'lost';
}

const nobody: Cause = { id: null, idempotencyKey: null };

interface Asked {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly form: string;
  readonly key: string | undefined;
}

/** Answers one request as Stripe's API does. */
export async function answerApi(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname: path, search } = new URL(request.url ?? '/', 'http://fake');
  const method = request.method ?? 'GET';
  const body = await readBody(request);
  const key = request.headers['idempotency-key'];
  const asked: Asked = {
    id: newId('req'),
    method,
    path,
    form: method === 'POST' ? body : search.slice(1),
    key: method === 'POST' && typeof key === 'string' ? key : undefined,
  };
  const fault = api.faults.take(method, path);
  const { answer, replayed } = await answerOnce(api, request, asked, fault);
  const unanswered = fault?.with === 'timeout' || fault?.with === 'lost' ? fault.with : undefined;
  api.requests.push({
    id: asked.id,
    method,
    path,
    idempotencyKey: asked.key ?? null,
    status: unanswered ?? answer.status,
  });
  if (method !== 'GET') api.keep();
  if (unanswered === 'lost') return void request.socket.destroy();
  if (unanswered === 'timeout') return;
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'request-id': asked.id,
    'stripe-version': request.headers['stripe-version'] ?? api.apiVersion,
    ...(asked.key !== undefined && { 'idempotency-key': asked.key }),
    ...(replayed && { 'idempotent-replayed': 'true' }),
  });
  response.end(answer.body);
}

async function answerOnce(
  api: Api,
  request: IncomingMessage,
  asked: Asked,
  fault: Fault | undefined,
): Promise<{ answer: Answer; replayed: boolean }> {
  try {
    if (request.headers.authorization !== `Bearer ${api.secretKey}`) throw wrongKey();
    if (fault && !isInEffect(fault)) throw faultAnswer(fault);
    const carryOut = async () => {
      const answer = outcomeOf(api, asked, fault);
      // Held back while the key is in use: what comes with it meanwhile is told so.
      if (api.latency > 0) await delay(api.latency);
      return answer;
    };
    if (asked.key === undefined) return { answer: await carryOut(), replayed: false };
    const { method, path, form } = asked;
    return await api.idempotency.once(asked.key, `${method} ${path} ${form}`, carryOut);
  } catch (error) {
    return { answer: refusalAnswer(error), replayed: false };
  }
}

/** Whether it befalls what is carried out, so that its answer is kept. */
function isInEffect({ with: kind }: Fault): boolean {
  return kind === 'lost' || kind === 'broken' || kind === 500;
}

function outcomeOf(api: Api, asked: Asked, fault: Fault | undefined): Answer {
  if (fault?.with === 500) return refusalAnswer(faultAnswer(fault));
  const answer = carriedOut(api, asked);
  return fault?.with === 'broken' ? refusalAnswer(faultAnswer(fault)) : answer;
}

function carriedOut(api: Api, { id, method, path, form, key }: Asked): Answer {
  const found = match(routes, method, path);
  if (!found) return refusalAnswer(unknownUrl(method, path));
  api.cause = { id, idempotencyKey: key ?? null };
  try {
    const params = parseForm(form);
    const object = found.answer({ state: api.state, id: found.id, params });
    const body = JSON.stringify(expand(api.state, object, textsOf(params, 'expand')));
    return { status: 200, body, kept: true };
  } catch (error) {
    return refusalAnswer(error);
  } finally {
    api.cause = nobody;
  }
}

function refusalAnswer(error: unknown): Answer {
  if (!(error instanceof Refusal)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const body = JSON.stringify({ error: { type: 'api_error', message } });
    return { status: 500, body, kept: true };
  }
  return {
    status: error.status,
    body: JSON.stringify({ error: error.error }),
    kept: !error.invalid,
  };
}

function faultAnswer({ with: status }: Fault): Refusal {
  if (status === 429) {
    return new Refusal(429, {
      type: 'invalid_request_error',
      code: 'rate_limit',
      message: 'Request rate limit exceeded.',
    });
  }
  return new Refusal(typeof status === 'number' ? status : 500, {
    type: status === 403 ? 'invalid_request_error' : 'api_error',
    message: 'An error was asked for.',
  });
}

function wrongKey(): Refusal {
  return new Refusal(401, {
    type: 'invalid_request_error',
    message: 'Invalid API Key provided.',
  });
}

function unknownUrl(method: string, path: string): Refusal {
  return new Refusal(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${method}: ${path}).`,
  });
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
