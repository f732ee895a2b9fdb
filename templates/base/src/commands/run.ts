import type { z } from 'zod';
import { loadDotEnv, readEnvironment } from '#app/environment.ts';
import { describeError } from '#app/log-error.ts';

/** Exit codes of commands: unexpected, wrong arguments, or not possible as things are. */
export const exitCodes = { unexpected: 1, badInput: 2, precondition: 3 } as const;

/** A reason for which a command cannot do its work; the message is all that its user needs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, reason: keyof typeof exitCodes = 'unexpected') {
    super(message);
    this.exitCode = exitCodes[reason];
  }
}

const expected = new Set([
  'CommandError',
  'MigrationError',
  'SettingsError',
  'KeyringError',
  'PrivateFileError',
  'SealingError',
]);

/**
 * Runs a command: reads the settings that it needs, and turns what it throws into a sentence on
 * standard error and an exit code.
 */
export async function runCommand<Shape extends z.ZodRawShape>(
  shape: Shape,
  work: (settings: z.output<z.ZodObject<Shape>>) => Promise<void>,
): Promise<void> {
  try {
    loadDotEnv();
    await work(readEnvironment(shape, process.env));
  } catch (error) {
    process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.unexpected;
    if (error instanceof Error && expected.has(error.name)) {
      console.error(error.message);
    } else {
      console.error(explain(error));
    }
  }
}

function explain(error: unknown): string {
  const { code, message, stack = [] } = describeError(error);
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'ETIMEDOUT':
      return `The database cannot be reached (${code}). Is it running, and are the host and port in its URL right?`;
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_DBACCESS_DENIED_ERROR':
      return `The database refused the user or password in its URL (${code}).`;
    case 'ER_BAD_DB_ERROR':
      return 'The database that the URL names does not exist. Make it first: CREATE DATABASE … CHARACTER SET utf8mb4';
    default:
      return [code === undefined ? message : `${message} (${code})`, ...stack].join('\n  ');
  }
}
