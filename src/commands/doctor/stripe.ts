// Whether what the .env says of Stripe belongs together, and into development.
import { lineIn, setIn } from './dotenv.ts';
import type { Check, Finding } from './finding.ts';
import { editing } from './mends.ts';

const key = 'STRIPE_SECRET_KEY';
const secrets = 'STRIPE_WEBHOOK_SECRETS';

/** What production lacks is told with the other settings. */
export const stripe: Check = ({ folder, base }) => {
  if (!base.has('src/domains/billing/settings.ts')) return [];
  if (setIn(folder, 'NODE_ENV') === 'production') return [];
  const has = { key: setIn(folder, key) ?? '', secrets: setIn(folder, secrets) ?? '' };
  const findings: Finding[] = [];
  if (/^(?:sk|rk)_live_/.test(has.key)) {
    findings.push({
      ...warning(`${key} in .env is a live key: what is tried in development moves real money.`),
      mend: editing('.env', lineIn(folder, key)),
    });
  }
  if (has.key === '' && has.secrets !== '') {
    const lack = 'events are taken, and nothing can be read from Stripe for them';
    findings.push(missing(key, `${secrets} is set in .env and ${key} is not: ${lack}.`));
  }
  if (has.key !== '' && has.secrets === '') {
    const lack = 'no event is believed, so whoever pays gets nothing';
    findings.push(missing(secrets, `${key} is set in .env and ${secrets} is not: ${lack}.`));
  }
  return findings;
};

function missing(variable: string, message: string): Finding {
  return { ...warning(message), mend: `echo "${variable}=…" >> .env` };
}

function warning(message: string): Finding {
  return { check: 'stripe', severity: 'warning', message, files: ['.env'] };
}
