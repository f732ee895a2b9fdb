import { randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { Keyring } from './keyring.ts';

/** Seconds for which an access token is valid. */
export const accessTokenLifetime = 15 * 60;
/** Seconds by which the clocks of two machines may differ. */
const clockTolerance = 30;
/**
 * Seconds after its signature for which a token may be accepted somewhere: one that is signed by a
 * clock that is ahead ends so much later, and is then tolerated for as long again.
 */
export const accessTokenLongest = accessTokenLifetime + 2 * clockTolerance;

/** Who an access token speaks for. */
export interface Identity {
  readonly userId: string;
  readonly accountId: string;
  readonly sessionId: string;
  /** Who acts in the user's place; absent where it is the user (RFC 8693, section 4.1). */
  readonly actor?: string;
}

export interface AccessTokens {
  /**
   * Signs a token that is valid from now.
   *
   * @param seconds for how long, where that is less than `accessTokenLifetime`
   */
  issue(identity: Identity, seconds?: number): Promise<string>;
  /** Resolves to whom the token speaks for, or to nothing where it is not valid. */
  verify(token: string): Promise<Identity | undefined>;
}

/**
 * Issues and verifies access tokens (RFC 9068's `at+jwt`). Every option of the verification is
 * needed, as RFC 8725 asks: without them jose takes tokens that never expire, were made for another
 * audience or of another type, or are signed by another algorithm.
 */
export function accessTokens(
  keyring: Pick<Keyring, 'primary' | 'byKid'>,
  origin: string,
): AccessTokens {
  const audience = `${origin}/v1`;
  const keyOf = ({ kid }: { kid?: string }) => {
    const key = kid === undefined ? undefined : keyring.byKid(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  const required = {
    algorithms: ['HS256'],
    typ: 'at+jwt',
    issuer: origin,
    audience,
    requiredClaims: ['exp', 'iat', 'sub', 'jti'],
    maxTokenAge: accessTokenLifetime,
    clockTolerance,
  };

  return {
    issue: ({ userId, accountId, sessionId, actor }, seconds = accessTokenLifetime) =>
      new SignJWT({
        acc: accountId,
        sid: sessionId,
        ...(actor !== undefined && { act: { sub: actor } }),
      })
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: keyring.primary.kid })
        .setIssuer(origin)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${Math.min(seconds, accessTokenLifetime)} s`)
        .sign(keyring.primary.key),

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keyOf, required);
        return identityOf(payload);
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

function identityOf({ sub, acc, sid, act }: JWTPayload): Identity | undefined {
  if (typeof sub !== 'string' || typeof acc !== 'string' || typeof sid !== 'string')
    return undefined;
  const identity = { userId: sub, accountId: acc, sessionId: sid };
  if (act === undefined) return identity;
  // To take such a token for the user's own would give more than it was made for.
  const actor = actorIn(act);
  return actor === undefined ? undefined : { ...identity, actor };
}

function actorIn(act: unknown): string | undefined {
  if (typeof act !== 'object' || act === null || !('sub' in act)) return undefined;
  return typeof act.sub === 'string' && act.sub !== '' ? act.sub : undefined;
}
