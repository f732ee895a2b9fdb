import type { z } from 'zod';
import { driverError, isDatabaseUnavailable, isRefusedByDatabase } from '#app/database/errors.ts';
import { loadDotEnv, readEnvironment } from '#app/environment.ts';
import { describeError } from '#app/log-error.ts';
import { AuditError } from '#app/platform/audit/append.ts';
import { SealingError } from '#app/platform/sealing.ts';

/** Exit codes of commands: unexpected, wrong arguments, or not possible as things are. */
export const exitCodes = { unexpected: 1, badInput: 2, precondition: 3 } as const;

const codes = {
  unexpected: 'unexpected',
  badInput: 'bad-input',
  precondition: 'precondition',
} as const;

/** A reason for which a command cannot do its work; the message is all that its user needs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly reason: keyof typeof exitCodes;
  /** What else a program that asked for JSON is told. */
  readonly details: object;

  constructor(message: string, reason: keyof typeof exitCodes = 'unexpected', details = {}) {
    super(message);
    this.reason = reason;
    this.details = details;
  }
}

const expected = new Set([
  'AuditError',
  'MigrationError',
  'SettingsError',
  'KeyringError',
  'PrivateFileError',
  'SealingError',
]);

/**
 * Runs a command: reads the settings that it needs, and turns what it throws into a sentence on
 * standard error and an exit code.
 *
 * @param options.usage what is shown, and nothing else done, where `--help` or `-h` asks for it
 * @param options.json whether the failure goes to standard output too, as one JSON object
 * @param options.expected the reason of a failure that has a sentence of its own and is no
 *   CommandError: a keyring that is damaged, settings that are not complete, a database that is away
 */
export async function runCommand<Shape extends z.ZodRawShape>(
  shape: Shape,
  work: (settings: z.output<z.ZodObject<Shape>>) => Promise<void>,
  options: { usage?: string; json?: boolean; expected?: keyof typeof exitCodes } = {},
): Promise<void> {
  if (options.usage !== undefined && process.argv.slice(2).some(asksForHelp)) {
    console.log(options.usage);
    return;
  }
  try {
    loadDotEnv();
    await work(readEnvironment(shape, process.env));
  } catch (error) {
    const failure = failureOf(error, options.expected);
    process.exitCode = exitCodes[failure.reason];
    console.error(failure.message);
    if (options.json !== true) return;
    const { reason, message, details } = failure;
    console.log(JSON.stringify({ ok: false, error: { code: codes[reason], message }, ...details }));
  }
}

function asksForHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function failureOf(error: unknown, reason: keyof typeof exitCodes = 'unexpected'): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof Error && expected.has(error.name)) {
    return new CommandError(error.message, reason);
  }
  const away = databaseAway(error);
  return away === undefined ? new CommandError(explain(error)) : new CommandError(away, reason);
}

/** A sentence where what was thrown means that the database is away, whoever has wrapped it. */
export function databaseAway(error: unknown): string | undefined {
  if (!isDatabaseUnavailable(error)) return undefined;
  return `The database cannot be reached (${codeOf(error) ?? 'connection lost'}). Is it running, and are the host and port in its URL right?`;
}

/** A sentence where it is the database that failed: it is away, or refuses what was asked of it. */
export function databaseFailure(error: unknown): string | undefined {
  return databaseAway(error) ?? (isRefusedByDatabase(error) ? explain(error) : undefined);
}

/** A sentence where the audit log cannot be written for want of its key, or because it was changed. */
export function auditFailure(error: unknown): string | undefined {
  const isOne = error instanceof AuditError || error instanceof SealingError;
  return isOne ? error.message : undefined;
}

/** A sentence where it is either. */
export function recordingFailure(error: unknown): string | undefined {
  return auditFailure(error) ?? databaseFailure(error);
}

function explain(error: unknown): string {
  const code = codeOf(error);
  const { message, stack = [] } = describeError(error);
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_DBACCESS_DENIED_ERROR':
      return `The database refused the user or password in its URL (${code}).`;
    case 'ER_BAD_DB_ERROR':
      return 'The database that the URL names does not exist. Make it first: CREATE DATABASE … CHARACTER SET utf8mb4';
    case 'ER_NO_SUCH_TABLE':
      return `The database lacks a table of this version (${code}). Apply the migrations: npm run db:migrate`;
    default:
      return [code === undefined ? message : `${message} (${code})`, ...stack].join('\n  ');
  }
}

/** The code that the driver or the system gave, however deep it lies in the chain of causes. */
function codeOf(error: unknown): string | undefined {
  return describeError(driverError(error, ({ code }) => typeof code === 'string')).code;
}
