// A form that makes something new makes one of it, however often it is sent: by a double click, by a
// reload, by a proxy.
import { AppError } from '#app/errors.ts';
import { reply } from '#app/http/route.ts';
import { idempotencyKeyInFlight } from '#app/platform/idempotency/errors.ts';
import { formOnce } from './components/form.ts';
import type { Action, ActionContext, ActionOutcome } from './define-page.ts';

/**
 * Runs an action; one that is `once` only the first time that its form is sent with this input, and
 * what that came to is the outcome of every later time.
 *
 * @param form.path of the page, and the action's name there
 * @param form.sent what came, with the key that the form was shown with
 * @throws idempotency_key_in_flight while the first time is not over
 */
export async function runOnce(
  action: Action,
  context: ActionContext,
  form: { readonly path: string; readonly name: string; readonly sent: Record<string, string> },
): Promise<ActionOutcome | void> {
  const key = form.sent[formOnce];
  if (action.once !== true || key === undefined) return action.run(context);
  const { operator, input, services } = context;
  try {
    // The input too: who goes back and types something else has not sent this before.
    const scope = ['admin form', operator.id, form.path, form.name, key, JSON.stringify(input)];
    const { body: to } = await services.idempotency.once({ scope, request: [] }, async () => {
      const outcome = await action.run(context);
      if (outcome === undefined) return reply(303, `${form.path}?done=${form.name}`);
      if (!('to' in outcome)) throw new Error(`${form.name} is done once, so it can only lead on.`);
      return reply(303, outcome.to);
    });
    return { to: to as `/admin${string}` };
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== idempotencyKeyInFlight) throw error;
    throw idempotencyKeyInFlight({
      detail: 'This form was sent before, and is being handled. Go back to see what came of it.',
    });
  }
}
