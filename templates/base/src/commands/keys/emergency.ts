import { endAllSessions } from '#app/domains/auth/end-all-sessions.ts';
import type { Ring } from '#app/domains/auth/keys/ring.ts';
import {
  markSessionsEnded,
  replaceCompromised,
  untilDropped,
} from '#app/domains/auth/keys/rotation.ts';
import { recordingFailure } from '../run.ts';
import { refusalWith, type Done } from './report.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Replaces a key that somebody else has, ends every session, and waits until no instance accepts the
 * old key. Run again within an hour after it was killed or the database was away, it goes on from
 * there.
 *
 * @throws CommandError (exit code 3) where the sessions could not be ended, or an instance is late
 */
export async function replaceAll(surroundings: Surroundings): Promise<Done> {
  const { progress } = surroundings;
  const { ring, dropped } = await replaceCompromised(surroundings);
  const rotated = dropped.length > 0;
  Object.assign(progress, { rotated, sessionsEnded: null });
  const { kid } = ring.primary;
  surroundings.say(
    rotated
      ? `The key ${kid} signs now; dropped: ${dropped.join(', ')}.`
      : `The key ${kid} was made in this emergency before, and the sessions are still to end: going on from there.`,
  );
  const sessionsEnded = await endSessions(ring, rotated, surroundings);
  progress.sessionsEnded = sessionsEnded;
  surroundings.say(sentenceOf(sessionsEnded));
  const unmarked = await markSessionsEnded(ring, surroundings);
  const done = { rotated, sessionsEnded };

  const outcome = await untilDropped(dropped, surroundings);
  if ('refused' in outcome) throw refusalWith(outcome, { ring: unmarked, ...done });
  return { ring: outcome.ring, ...done };
}

async function endSessions(
  ring: Ring,
  rotated: boolean,
  { database, actor }: Surroundings,
): Promise<number> {
  const refuse = (why: string) => {
    const refused = `The key is replaced; sessions are not ended yet. ${why}`;
    return refusalWith({ refused, pending: [] }, { ring, rotated, sessionsEnded: null });
  };
  if (database === undefined) throw refuse('DATABASE_URL is not set: run this again with it.');
  try {
    return await endAllSessions(database, actor);
  } catch (error) {
    const why = recordingFailure(error);
    if (why === undefined) throw error;
    throw refuse(`${why} Run this again when that is mended.`);
  }
}

function sentenceOf(ended: number): string {
  if (ended === 0) return 'There was no session to end.';
  const sessions = ended === 1 ? '1 session' : `${ended} sessions`;
  return `Ended ${sessions}: everybody has to sign in again.`;
}
