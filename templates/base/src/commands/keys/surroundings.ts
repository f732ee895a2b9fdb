// What the commands on keys work with, opened as far as the settings name it.
import type { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import { databaseSettings } from '#app/database/settings.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { accessTokenLongest } from '#app/domains/auth/access-tokens.ts';
import type { View } from '#app/domains/auth/keys/decisions.ts';
import { readInstances } from '#app/domains/auth/keys/instances.ts';
import { openStore } from '#app/domains/auth/keys/open-store.ts';
import type { KeyAct, Progress, RotationDeps } from '#app/domains/auth/keys/rotation.ts';
import { authSettings } from '#app/domains/auth/settings.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sealingSettings } from '#app/platform/sealing.ts';
import { operator } from '../operator.ts';
import { auditFailure, CommandError, recordingFailure } from '../run.ts';
import { openCommandDatabase, openCommandSealing } from '../with-database.ts';
import type { KeysArguments } from './arguments.ts';

export const keysSettings = {
  ...databaseSettings,
  DATABASE_URL: databaseSettings.DATABASE_URL.optional(),
  ...sealingSettings,
  ...authSettings,
};

export type KeysSettings = z.infer<z.ZodObject<typeof keysSettings>>;

/** How far a run has come, an emergency too. */
export interface KeysProgress extends Progress {
  /** Whether an emergency replaced the key that signs; nothing as long as there was none. */
  rotated?: boolean;
  /** How many sessions it ended; null where that is still to be done. */
  sessionsEnded?: number | null;
}

export interface Surroundings extends RotationDeps {
  readonly progress: KeysProgress;
  readonly database: Database | undefined;
  /** Who runs the command, for the audit log. */
  readonly actor: string;
  /** Ids of instances that fell silent without a word. */
  readonly silent: () => Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @throws KeyringError where the store needs what is not set; CommandError (exit code 3) */
export async function openSurroundings(
  settings: KeysSettings,
  {
    instances,
    compromised,
    timeout,
    say,
  }: Pick<KeysArguments, 'instances' | 'compromised' | 'timeout'> & Pick<Surroundings, 'say'>,
): Promise<Surroundings> {
  const { DATABASE_URL } = settings;
  const sealing = await openCommandSealing(settings);
  const database =
    DATABASE_URL === undefined
      ? undefined
      : await openCommandDatabase({ ...settings, DATABASE_URL }, sealing);
  if (database === undefined && Array.isArray(instances)) {
    throw new CommandError(
      '--instances needs DATABASE_URL, where instances tell that they run.',
      'precondition',
    );
  }
  const actor = operator();
  return {
    store: openStore({ settings, database, sealing }),
    database,
    actor,
    look: viewOf(database, instances),
    silent: async () =>
      database === undefined || instances === 'none' ? [] : (await readInstances(database)).silent,
    record: recorder({ database, actor, say, bear: bearable(instances, compromised) }),
    say,
    progress: { steps: [], pending: [] },
    tokenLifetime: accessTokenLongest,
    timeout,
    close: async () => database?.close(),
  };
}

function viewOf(
  database: Database | undefined,
  instances: KeysArguments['instances'],
): () => Promise<View> {
  if (instances === 'none') return async () => ({ kind: 'nobody', now: new Date() });
  if (database === undefined) return async () => ({ kind: 'unseen', now: new Date() });
  return async () => {
    const { now, live } = await readInstances(database);
    return { kind: 'seen', now, live, named: instances ?? [] };
  };
}

/**
 * Why it is that an act cannot be recorded, where that must not keep a step from being taken: the
 * database where nobody runs, the audit log itself in an emergency.
 */
function bearable(
  instances: KeysArguments['instances'],
  compromised: boolean,
): (error: unknown) => string | undefined {
  return (error) => {
    const why = compromised ? auditFailure(error) : undefined;
    return why ?? (instances === 'none' ? recordingFailure(error) : undefined);
  };
}

function recorder(deps: {
  database: Database | undefined;
  actor: string;
  say: Surroundings['say'];
  bear: (error: unknown) => string | undefined;
}) {
  const { database, actor, say, bear } = deps;
  return async (act: KeyAct, tx?: Transaction): Promise<void> => {
    const entry = { actor, ...act };
    if (tx !== undefined) return recordAct(tx, entry);
    if (database === undefined) {
      say(`Not in the audit log, because DATABASE_URL is not set: ${act.action} ${act.subject}`);
      return;
    }
    try {
      await database.transaction((own) => recordAct(own, entry));
    } catch (error) {
      const why = bear(error);
      if (why === undefined) throw error;
      say(`Not in the audit log: ${act.action} ${act.subject}. ${why}`);
    }
  };
}
