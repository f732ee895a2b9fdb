import { randomInt } from 'node:crypto';
import { html } from 'ghtml';
import type { FakeStripe } from '../fake-stripe.ts';

/** What is to go wrong with events and requests, and buttons that say so. */
export function troubleForm({ webhooks, faults }: FakeStripe): string {
  const { copies, held, toLose } = webhooks;
  const said = [
    copies > 1 ? 'Each event is sent twice.' : '',
    held === undefined ? '' : `Events are kept back: ${held} so far.`,
    toLose > 0 ? `The next events are lost: ${toLose}.` : '',
    faults > 0 ? `The next requests that change something go wrong: ${faults}.` : '',
  ];
  const pressable = [
    copies > 1 ? ['send-once', 'Send each event once'] : ['send-twice', 'Send each event twice'],
    ...(held === undefined
      ? [['hold', 'Keep events back']]
      : [
          ['release', 'Send what is kept back'],
          ['shuffle', 'Send it in a random order'],
        ]),
    ['lose-event', 'Lose the next event'],
    ['fail-request', 'Fail the next request'],
    ['lose-answer', 'Lose the next answer'],
    ...(faults > 0 ? [['heal', 'Let requests succeed']] : []),
  ];
  return html`<h2>Trouble</h2>
    <p class="hint">
      What a service has to bear: events that come twice, late, in another order or never, and
      requests that fail, or whose answer does not arrive.
    </p>
    !${said.map((line) => (line === '' ? '' : html`<p>${line}</p>`)).join('')}
    <form method="post">
      !${pressable
        .map(([action, label]) => html`<button name="action" value="${action}">${label}</button>`)
        .join('')}
    </form>`;
}

/** What each of the buttons does. */
export const makeTrouble: Readonly<Record<string, (stripe: FakeStripe) => void>> = {
  'send-once': ({ webhooks }) => webhooks.duplicate(1),
  'send-twice': ({ webhooks }) => webhooks.duplicate(2),
  hold: ({ webhooks }) => webhooks.hold(),
  release: ({ webhooks }) => webhooks.release(),
  shuffle: ({ webhooks }) => webhooks.release(randomInt(2 ** 31)),
  'lose-event': ({ webhooks }) => webhooks.drop(webhooks.toLose + 1),
  'fail-request': (stripe) => stripe.fail({ method: 'POST', with: 500 }),
  // The client asks a second time by itself: then the first would be made good unseen.
  'lose-answer': (stripe) => stripe.fail({ method: 'POST', with: 'lost', times: 2 }),
  heal: (stripe) => stripe.heal(),
};
