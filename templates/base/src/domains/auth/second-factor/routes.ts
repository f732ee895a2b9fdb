import { empty, json, reply, route, type Route } from '#app/http/route.ts';
import {
  emailNotVerified,
  invalidCode,
  noSecondFactor,
  secondFactorExists,
  signInBusy,
  tooManyAttempts,
  wrongPassword,
} from '../errors.ts';
import { signedIn } from '../guard.ts';
import type { AuthService } from '../service.ts';
import { proofOf } from './prove-factor.ts';
import {
  FactorBeginning,
  FactorConfirmation,
  FactorProof,
  FactorSecret,
  RecoveryCodes,
} from './schemas.ts';

const passwordErrors = [wrongPassword, tooManyAttempts, signInBusy];

/** The authenticator app of a user. */
export function secondFactorRoutes(auth: AuthService): Route[] {
  const { secondFactor } = auth;
  return [
    route({
      method: 'post',
      path: '/v1/auth/totp',
      summary: 'Begin to set up an authenticator app',
      guard: signedIn(auth),
      sensitive: true,
      body: json(FactorBeginning),
      answers: { 200: json(FactorSecret) },
      errors: [emailNotVerified, secondFactorExists, ...passwordErrors],
      handler: async ({ identity, body }) =>
        reply(200, await secondFactor.begin(identity, body.currentPassword)),
    }),
    route({
      method: 'post',
      path: '/v1/auth/totp/confirm',
      summary: 'Set up the authenticator app with its first code',
      guard: signedIn(auth),
      sensitive: true,
      body: json(FactorConfirmation),
      answers: { 200: json(RecoveryCodes) },
      errors: [invalidCode, emailNotVerified, noSecondFactor, secondFactorExists, tooManyAttempts],
      handler: async ({ identity, body }) =>
        reply(200, { recoveryCodes: await secondFactor.confirm(identity, body.code) }),
    }),
    route({
      method: 'delete',
      path: '/v1/auth/totp',
      summary: 'Remove the authenticator app',
      guard: signedIn(auth),
      sensitive: true,
      body: json(FactorProof),
      answers: { 204: empty() },
      errors: [invalidCode, noSecondFactor, ...passwordErrors],
      handler: async ({ identity, body }) => {
        await secondFactor.remove(identity, body.currentPassword, proofOf(body));
        return reply(204);
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/totp/recovery-codes',
      summary: 'Make new recovery codes',
      guard: signedIn(auth),
      sensitive: true,
      body: json(FactorProof),
      answers: { 200: json(RecoveryCodes) },
      errors: [invalidCode, noSecondFactor, ...passwordErrors],
      handler: async ({ identity, body }) =>
        reply(200, {
          recoveryCodes: await secondFactor.renewCodes(
            identity,
            body.currentPassword,
            proofOf(body),
          ),
        }),
    }),
  ];
}
