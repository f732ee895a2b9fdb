export interface DescribedError {
  type: string;
  message: string;
  code?: string;
  sql?: string;
  stack?: string[];
  cause?: DescribedError;
}

/**
 * Turns whatever was thrown into something to log. A database error's message repeats the values
 * that were bound (an e-mail address, a token's hash), so of those only the code, the statement
 * with its placeholders and the stack's frames are kept.
 */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };

  const { name, message, stack, cause } = error;
  const code = property(error, 'code');
  const sql = property(error, 'sql') ?? property(error, 'query');
  const fromDatabase = sql !== undefined || property(error, 'sqlMessage') !== undefined;

  return {
    type: name,
    message: fromDatabase ? 'A statement failed' : message,
    ...(code !== undefined && { code }),
    ...(sql !== undefined && { sql: withoutValues(sql) }),
    ...(stack !== undefined && { stack: framesOf(stack) }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

function property(error: Error, key: string): string | undefined {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
}

/** mysql2 reports a text-protocol statement with the values already written into it. */
function withoutValues(sql: string): string {
  return sql.replaceAll(/'(?:[^'\\]|\\.|'')*'|x'[0-9a-f]*'/gi, '?');
}

function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
}
