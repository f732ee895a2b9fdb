import { bigint, index, mysqlTable, tinyint } from 'drizzle-orm/mysql-core';
import { asciiText, exactText, fixedBytes, jsonText, moment } from '#app/database/columns.ts';

/**
 * Who did what that matters for security, and when. Rows are added and never changed: each carries a
 * hash over itself and the row before, so that a change shows (`verify.ts`).
 */
export const auditLog = mysqlTable(
  'audit_log',
  {
    /** 1, 2, 3 …, without a gap. */
    id: bigint('id', { mode: 'number', unsigned: true }).primaryKey(),
    /** By the database's clock. */
    at: moment('at').notNull(),
    actor: exactText('actor', { length: 100 }).notNull(),
    /** Who acted in the actor's place. */
    operator: exactText('operator', { length: 100 }),
    action: asciiText('action', { length: 100 }).notNull(),
    subject: exactText('subject', { length: 150 }),
    /** As text: a server may write JSON anew, and the hash is over what was written first. */
    detail: jsonText('detail'),
    requestId: asciiText('request_id', { length: 64 }),
    hash: fixedBytes('hash', { length: 32 }).notNull(),
  },
  (table) => [
    index('audit_log_at').on(table.at),
    index('audit_log_actor').on(table.actor, table.id),
    index('audit_log_operator').on(table.operator, table.id),
    index('audit_log_action').on(table.action, table.id),
    index('audit_log_subject').on(table.subject, table.id),
  ],
);

/** Where the log ends: one row, which is locked while entries are added. */
export const auditHead = mysqlTable('audit_head', {
  id: tinyint('id', { unsigned: true }).primaryKey(),
  /** Of the last entry; 0 where there is none. */
  sequence: bigint('sequence', { mode: 'number', unsigned: true }).notNull(),
  hash: fixedBytes('hash', { length: 32 }).notNull(),
});
