// What sets an authenticator app up, and what stands in for it.
import { html } from 'ghtml';
import { renderSVG } from 'uqr';
import type { Offer } from '../../operators/factor.ts';

/** The secret that an app takes: as a picture to scan, and as text to type. */
export function offeredSecret({ secret, url }: Offer): string {
  const picture = Buffer.from(renderSVG(url, { border: 2 })).toString('base64');
  return html`<div class="offer">
    <img
      class="code"
      src="data:image/svg+xml;base64,${picture}"
      alt="QR code for an authenticator app; the secret beside it says the same"
      width="200"
      height="200"
    />
    <div>
      <p>Scan this with an authenticator app, or type the secret into it:</p>
      <p><code class="secret">${inGroups(secret)}</code></p>
    </div>
  </div>`;
}

/** Recovery codes, which are shown this once. */
export function recoveryCodeList(codes: readonly string[]): string {
  return html`<p>
      Each of these works once in place of a code of your app, if you lose it. Keep them where you
      keep what matters, and not with your password. They are not shown again.
    </p>
    <ul class="codes">
      !${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ul>`;
}

function inGroups(secret: string): string {
  return (secret.match(/.{1,4}/g) ?? []).join(' ');
}
