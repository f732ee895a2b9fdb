// Whether the app has a database user of its own: with the owner's rights it could change its audit log.
import { lineIn, setIn } from './dotenv.ts';
import type { Check, Finding } from './finding.ts';
import { editing } from './mends.ts';

const app = 'DATABASE_URL';
const owner = 'MIGRATION_DATABASE_URL';
const reason = 'so the app may change and remove what is in its audit log';

/** That DATABASE_URL is missing altogether is told with the other settings. */
export const databaseUsers: Check = ({ folder, base }) => {
  if (!base.has('src/database/grants.ts')) return [];
  const [appUrl, ownerUrl] = [setIn(folder, app) ?? '', setIn(folder, owner) ?? ''];
  const isProduction = setIn(folder, 'NODE_ENV') === 'production';
  if (appUrl !== '' && ownerUrl === '') {
    if (!isProduction) return [];
    const message = `${app} is set in .env and ${owner} is not: one user migrates and serves, ${reason}.`;
    return [{ ...warning(message), mend: `echo "${owner}=…" >> .env` }];
  }
  const user = userIn(appUrl);
  if (user === undefined || user !== userIn(ownerUrl)) return [];
  const message = `${app} and ${owner} in .env name one user, ${reason}.`;
  return [{ ...warning(message), mend: editing('.env', lineIn(folder, app)) }];
};

function userIn(url: string): string | undefined {
  return URL.parse(url)?.username;
}

function warning(message: string): Finding {
  return { check: 'database', severity: 'warning', message, files: ['.env'] };
}
