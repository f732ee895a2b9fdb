// Resend's API, as far as it is used. https://resend.com/docs/api-reference/emails/send-email
import { z } from 'zod';
import type { Message, Transport } from '../mail/transport.ts';
import { DeliveryError } from '../outbox/delivery.ts';

/** Milliseconds for a request; the caller bounds the whole. */
const patience = 20_000;

const Problem = z.object({ name: z.string().regex(/^\w{1,60}$/), message: z.string() });
type Problem = z.infer<typeof Problem>;

/** Hands mails to Resend, which takes the same key once within a day. */
export function resendTransport(account: { key: string; base: string; from: string }): Transport {
  const { key: apiKey, base, from } = account;
  const url = `${base.replace(/\/+$/, '')}/emails`;
  return {
    async send(message, key, signal) {
      const response = await ask(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify(requestOf(message, { from, key })),
        // Nobody else is given the key, whoever answers.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      });
      if (response.ok) {
        await response.body?.cancel();
        return;
      }
      const problem = await problemOf(response);
      if (!wasTaken(response.status, problem)) throw refusal(response.status, problem);
    },
    close: async () => {},
  };
}

/**
 * Resend makes a Message-ID of its own. `X-Entity-Ref-ID` tells the receiver what is the same mail;
 * RFC 3834: nobody's out-of-office note is to answer it.
 */
function requestOf(message: Message, { from, key }: { from: string; key: string }) {
  const { to, subject, text, html } = message;
  const headers = { 'X-Entity-Ref-ID': key, 'Auto-Submitted': 'auto-generated' };
  return { from, to: [to], subject, text, ...(html !== undefined && { html }), headers };
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    throw new DeliveryError(`Resend cannot be reached (${cause?.code ?? name})`);
  }
}

async function problemOf(response: Response): Promise<Problem | undefined> {
  const answer: unknown = await response.json().catch(() => undefined);
  return Problem.safeParse(answer).data;
}

/**
 * A mail of this key was taken within a day, and looked otherwise: an attempt that nobody wrote down,
 * made by the version before.
 */
function wasTaken(status: number, problem: Problem | undefined): boolean {
  return status === 409 && problem?.name === 'invalid_idempotent_request';
}

/** Resend's sentence is not passed on, since it may repeat the address. */
function refusal(status: number, problem: Problem | undefined): DeliveryError {
  const name = problem === undefined ? '' : ` (${problem.name})`;
  return new DeliveryError(`Resend answered ${status}${name}`, {
    permanent: status === 422 && problem !== undefined && !isOfSender(problem),
  });
}

/** The sender is the operator's to mend, as a wrong key is. */
function isOfSender({ name, message }: Problem): boolean {
  return name === 'invalid_from_address' || message.includes('`from`');
}
