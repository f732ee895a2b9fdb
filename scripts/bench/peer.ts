// What the generated GET /v1/auth/me is measured against: the same route, written by hand for
// this purpose alone, with everything around it that a service needs: request log, security
// headers, body parser, verified token, validated input and output.

import { createHmac, randomUUID, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import express from 'express';
import helmet from 'helmet';
import { errors, jwtVerify } from 'jose';
import type { RowDataPacket } from 'mysql2';
import { pino } from 'pino';
import { z } from 'zod';

import { listen, openPool } from './serve.ts';

const { APP_ORIGIN = '', JWT_KEYS_FILE = '' } = process.env;

const log = pino({ base: null });
const pool = openPool();
const keys = await readKeys(JWT_KEYS_FILE);

const Headers = z.object({ authorization: z.string().regex(/^Bearer [\w.~+/-]+=*$/i) });
const Params = z.object({});
const UserAnswer = z.object({
  user: z.object({
    id: z.uuid(),
    email: z.email(),
    emailVerified: z.boolean(),
    accountId: z.uuid(),
    createdAt: z.iso.datetime(),
  }),
});

const required = {
  algorithms: ['HS256'],
  typ: 'at+jwt',
  issuer: APP_ORIGIN,
  audience: `${APP_ORIGIN}/v1`,
  requiredClaims: ['exp', 'iat', 'sub', 'jti'],
  maxTokenAge: 15 * 60,
  clockTolerance: 30,
};

const app = express();
app.disable('x-powered-by');
app.disable('etag');

app.use((request, response, next) => {
  const requestId = randomUUID();
  const start = performance.now();
  const { method, path } = request;
  response.setHeader('X-Request-Id', requestId);
  response.once('close', () => {
    const durationMs = performance.now() - start;
    log.info({ requestId, method, path, status: response.statusCode, durationMs }, 'request');
  });
  next();
});
app.use(helmet());
app.use(express.json());

app.get('/v1/auth/me', async (request, response) => {
  Params.parse(request.params);
  const headers = Headers.safeParse(request.headers);
  const userId = headers.success ? await userOf(headers.data.authorization.slice(7)) : undefined;
  if (userId === undefined) {
    response.status(401).json({ error: 'unauthenticated' });
    return;
  }
  const [rows] = await pool.execute<UserRow[]>(
    `SELECT id, account_id AS accountId, email, email_verified_at AS emailVerifiedAt,
      created_at AS createdAt FROM users WHERE id = ?`,
    [userId],
  );
  const [user] = rows;
  if (user === undefined) {
    response.status(404).json({ error: 'not_found' });
    return;
  }
  response.setHeader('Cache-Control', 'no-store');
  const emailVerified = user.emailVerifiedAt !== null;
  const createdAt = user.createdAt.toISOString();
  response.json(UserAnswer.parse({ user: { ...user, emailVerified, createdAt } }));
});

listen(app);

interface UserRow extends RowDataPacket {
  id: string;
  accountId: string;
  email: string;
  emailVerifiedAt: Date | null;
  createdAt: Date;
}

async function userOf(token: string): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }: { kid?: string }) => keyOf(kid), required);
    return payload.sub;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function keyOf(kid: string | undefined): webcrypto.CryptoKey {
  const key = keys.get(kid ?? '');
  if (key === undefined) throw new errors.JWKSNoMatchingKey();
  return key;
}

async function readKeys(file: string): Promise<Map<string, webcrypto.CryptoKey>> {
  const { primary } = JSON.parse(readFileSync(file, 'utf8')) as { primary: { secret: string } };
  const secret = Buffer.from(primary.secret, 'base64url');
  const kid = createHmac('sha256', secret).update('kid').digest('hex').slice(0, 16);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await webcrypto.subtle.importKey('raw', secret, algorithm, false, ['verify']);
  return new Map([[kid, key]]);
}
