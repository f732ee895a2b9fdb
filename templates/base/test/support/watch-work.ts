import { createHook } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { requestContext } from '#app/http/request-context.ts';

export interface Work {
  /** How often a password was hashed, as Node counts it. */
  readonly hashes: number;
  /** What requests sent to the database, in order, without the values. */
  readonly statements: readonly string[];
}

/** What is bound to a statement, and so another text for each that does the same. */
const values = /x?'[^']*'|\bdefault\b|\d+ MINUTE|(?<== |values \()\d+|(?<=, )null\b/gi;

/** Counts the work that is done for requests meanwhile, which is what their time is made of. */
export async function watchWork(requests: () => Promise<unknown>): Promise<Work> {
  let hashes = 0;
  const statements: string[] = [];
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'ARGON2REQUEST') hashes += 1;
    },
  });
  const note = (message: unknown): void => {
    // What goes on in the background at the same time has no request.
    if (requestContext.getStore() === undefined) return;
    const { query } = message as { query: string };
    // A connection that is made for the request says what holds on it.
    if (query.startsWith('SET SESSION')) return;
    statements.push(query.replaceAll(values, '?').trim());
  };
  const channels = ['mysql2:query', 'mysql2:execute'].map((name) => tracingChannel(name).start);

  hook.enable();
  for (const channel of channels) channel.subscribe(note);
  try {
    await requests();
  } finally {
    hook.disable();
    for (const channel of channels) channel.unsubscribe(note);
  }
  return { hashes, statements };
}
