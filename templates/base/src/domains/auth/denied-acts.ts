import type { Database } from '#app/database/database.ts';
import type { GuardRequest } from '#app/http/route.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Identity } from './access-tokens.ts';

/**
 * Records that somebody who acts in a user's place was refused what takes the user in person. In a
 * transaction of its own: the refusal that follows would undo it.
 */
export async function noteDenied(
  database: Database,
  { userId }: Identity,
  { method, path }: GuardRequest['route'],
): Promise<void> {
  const user = `user:${userId}`;
  const detail = { method: method.toUpperCase(), path };
  await database.transaction((tx) =>
    recordAct(tx, { actor: user, action: 'user.act_denied', subject: user, detail }),
  );
}
