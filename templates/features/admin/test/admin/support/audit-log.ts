// The audit log of a service under test: what is in it, and how something gets into it.
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { recordAct, type Act } from '#app/platform/audit/audit.ts';
import { openSealing, type Sealing } from '#app/platform/sealing.ts';
import type { TestService } from '../../support/service.ts';

export interface Recorded {
  readonly id: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string | null;
  readonly detail: unknown;
}

export interface TestAuditLog {
  /** The service's own, with its key. */
  readonly database: Database;
  readonly sealing: Sealing;
  /** Records acts, as the service does. */
  record(...acts: readonly Act[]): Promise<void>;
}

/** Opens the log of a service for the tests of a file. */
export function useAuditLog(service: TestService): TestAuditLog {
  const log = {} as { -readonly [Key in keyof TestAuditLog]: TestAuditLog[Key] };

  beforeAll(async () => {
    log.sealing = await openSealing({
      settings: { NODE_ENV: 'test', SEALING_KEY_FILE: service.sealingKeyFile },
      log: createLog({ LOG_LEVEL: 'silent' }),
    });
    log.database = await openDatabase({
      settings: { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 2 },
      sealing: log.sealing,
    });
    log.record = (...acts) =>
      log.database.transaction((tx) => {
        for (const act of acts) recordAct(tx, act);
      });
  });
  afterAll(async () => {
    await log.database.close();
  });
  return log;
}

/** What was recorded about somebody, the oldest first. */
export async function recordedOf(
  { database }: Pick<TestService, 'database'>,
  subject: string,
): Promise<Recorded[]> {
  const [rows] = await database.connection.query<(Recorded & RowDataPacket)[]>(
    'SELECT id, actor, action, subject, detail FROM audit_log WHERE subject = ? ORDER BY id',
    [subject],
  );
  return rows.map(({ id, actor, action, subject: whom, detail }) => ({
    id,
    actor,
    action,
    subject: whom,
    detail: typeof detail === 'string' ? JSON.parse(detail) : detail,
  }));
}
