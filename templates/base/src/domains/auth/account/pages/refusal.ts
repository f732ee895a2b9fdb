import { AppError, type ErrorKind } from '#app/errors.ts';

/** Resolves to the refusal, where it is one of these kinds, and to nothing where all went well. */
export async function refusalOf(
  work: Promise<void>,
  ...kinds: readonly ErrorKind[]
): Promise<AppError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof AppError && kinds.includes(error.kind)) return error;
    throw error;
  }
}
