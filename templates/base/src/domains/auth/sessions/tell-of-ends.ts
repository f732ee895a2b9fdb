import { endTellers } from './end-tellers.ts';

/** Has running instances look for ended sessions at once. Does not fail where it cannot reach them. */
type Tell = () => Promise<void>;

const tellers: Readonly<Record<string, Tell>> = endTellers;

/**
 * Has running instances look at once for the sessions that a command has ended, which is committed by
 * then. Where nothing can tell them, they look by themselves.
 */
export async function tellOfEnds(): Promise<void> {
  await Promise.all(Object.values(tellers).map((tell) => tell()));
}
