import { z } from 'zod';

/** Thrown with every problem at once, so that a start is not a guessing game. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads variables of the environment. One that is set but empty counts as not set.
 *
 * @throws SettingsError naming every variable that is missing or wrong, never its value
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;

  const problems = result.error.issues.map((issue) => {
    const variable = String(issue.path[0]);
    return `  ${variable}: ${variable in given ? issue.message : 'is not set'}`;
  });
  throw new SettingsError(
    `The settings are not complete; .env.example says what each one means.\n${problems.join('\n')}`,
  );
}

/** Loads `.env` from the current folder where there is one; variables that are set already win. */
export function loadDotEnv(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
}
