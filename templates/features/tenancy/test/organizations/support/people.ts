// People as the database holds them, without the way that leads there: a test that needs twenty does
// not wait for forty password hashes.
import { createHash, randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { accessTokens, type AccessTokens } from '#app/domains/auth/access-tokens.ts';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { holdRing } from '#app/domains/auth/keys/held-ring.ts';
import { newId } from '#app/database/id.ts';
import { createLog } from '#app/log.ts';
import { testSettings, type TestService } from '../../support/service.ts';
import { signUp, type SignedInUser } from '../../support/users.ts';

export interface Person extends SignedInUser {
  readonly userId: string;
  readonly sessionId: string;
  /** The person's own account. */
  readonly homeId: string;
}

interface Means {
  readonly tokens: AccessTokens;
  /** The one that everybody has, and its hash. */
  readonly password: string;
  readonly passwordHash: string;
}

const meansOf = new WeakMap<TestService, Promise<Means>>();

/** Adds somebody who is signed in, and has got no mail. */
export async function addPerson(service: TestService): Promise<Person> {
  const { tokens, password, passwordHash } = await means(service);
  const [userId, homeId, sessionId] = [newId(), newId(), newId()];
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const refreshToken = randomBytes(32).toString('base64url');
  const { connection } = service.database;
  await connection.query('INSERT INTO accounts (id, name) VALUES (?, ?)', [homeId, email]);
  await connection.query(
    'INSERT INTO users (id, account_id, email, password_hash) VALUES (?, ?, ?, ?)',
    [userId, homeId, email, passwordHash],
  );
  await connection.query(
    `INSERT INTO sessions (id, user_id, account_id, expires_at)
     VALUES (?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL 1 DAY)`,
    [sessionId, userId, homeId],
  );
  await connection.query(
    `INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
     VALUES (?, ?, UTC_TIMESTAMP(3) + INTERVAL 1 DAY)`,
    [createHash('sha256').update(refreshToken).digest(), sessionId],
  );
  const accessToken = await tokens.issue({ userId, accountId: homeId, sessionId });
  const authorization = { authorization: `Bearer ${accessToken}` };
  return {
    email,
    password,
    accessToken,
    refreshToken,
    authorization,
    userId,
    sessionId,
    homeId,
  };
}

/** An access token of a person's session for an account. */
export async function tokenFor(
  service: TestService,
  { userId, sessionId }: Pick<Person, 'userId' | 'sessionId'>,
  accountId: string,
): Promise<string> {
  return (await means(service)).tokens.issue({ userId, sessionId, accountId });
}

function means(service: TestService): Promise<Means> {
  const known = meansOf.get(service) ?? findMeans(service);
  meansOf.set(service, known);
  return known;
}

async function findMeans(service: TestService): Promise<Means> {
  const { email, password } = await signUp(service);
  const [[user]] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT password_hash FROM users WHERE email = ?',
    [email],
  );
  const log = createLog({ LOG_LEVEL: 'silent' });
  const keyring = await holdRing({ store: fileStore(service.keysFile), log });
  const tokens = accessTokens(keyring, testSettings(service.database).APP_ORIGIN);
  return { tokens, password, passwordHash: String(user?.['password_hash']) };
}
