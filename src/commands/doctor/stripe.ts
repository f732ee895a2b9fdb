// Whether what the .env says of Stripe belongs together, and into development.
import { lineIn, setIn } from './dotenv.ts';
import type { Check, Finding } from './finding.ts';
import { editing } from './mends.ts';

const key = 'STRIPE_SECRET_KEY';
const secrets = 'STRIPE_WEBHOOK_SECRETS';
const base = 'STRIPE_API_BASE';

/** What production lacks is told with the other settings. */
export const stripe: Check = ({ folder, base: files }) => {
  if (!files.has('src/domains/billing/settings.ts')) return [];
  const isProduction = setIn(folder, 'NODE_ENV') === 'production';
  const has = { key: setIn(folder, key) ?? '', secrets: setIn(folder, secrets) ?? '' };
  const findings: Finding[] = [];
  if (setIn(folder, base) && (isProduction || /^(?:sk|rk)_live_/.test(has.key))) {
    findings.push({
      ...warning(
        `${base} is set in .env, so that another server answers in place of Stripe: neither production nor a live key starts with it.`,
      ),
      mend: editing('.env', lineIn(folder, base)),
    });
  }
  if (isProduction) return findings;
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
