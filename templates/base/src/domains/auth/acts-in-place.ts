import type { Database } from '#app/database/database.ts';
import { onlyInPerson } from '#app/http/errors.ts';
import type { GuardRequest } from '#app/http/route.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Identity } from './access-tokens.ts';

/**
 * Records what somebody who acts in a user's place is about to change, and refuses what takes the
 * user in person. In a transaction of its own: a refusal would undo it, and so would a failure that
 * comes afterwards.
 *
 * @throws only_in_person
 */
export async function permitInPlace(
  database: Database,
  { userId, actor }: Identity,
  { method, path, sensitive }: GuardRequest['route'],
): Promise<void> {
  if (actor === undefined || (method === 'get' && sensitive !== true)) return;
  const user = `user:${userId}`;
  const action = sensitive === true ? 'user.act_denied' : 'user.acted';
  const detail = { method: method.toUpperCase(), path };
  await database.transaction((tx) => recordAct(tx, { actor: user, action, subject: user, detail }));
  if (sensitive === true) throw onlyInPerson();
}
