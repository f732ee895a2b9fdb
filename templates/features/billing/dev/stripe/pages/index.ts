import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeStripe } from '../fake-stripe.ts';
import type { State } from '../state.ts';
import type { WebhookSender } from '../webhooks.ts';

export interface PageContext {
  readonly state: State;
  readonly sender: WebhookSender;
  readonly controls: FakeStripe;
}

/** Answers a request of a browser. */
export async function answerPage(
  _context: PageContext,
  _request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(404).end();
}
