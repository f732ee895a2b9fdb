import type { Database } from '#app/database/database.ts';
import { onlyInPerson } from '#app/http/errors.ts';
import type { GuardRequest } from '#app/http/route.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Identity } from './access-tokens.ts';

/**
 * Refuses somebody who acts in a user's place what takes the user in person, and records it. In a
 * transaction of its own: the refusal would undo it.
 *
 * @throws only_in_person
 */
export async function refuseDenied(
  database: Database,
  { userId, actor }: Identity,
  { method, path, sensitive }: GuardRequest['route'],
): Promise<void> {
  if (sensitive !== true || actor === undefined) return;
  const user = `user:${userId}`;
  const detail = { method: method.toUpperCase(), path };
  await database.transaction((tx) =>
    recordAct(tx, { actor: user, action: 'user.act_denied', subject: user, detail }),
  );
  throw onlyInPerson();
}
