import { AppError, type ErrorKind } from '#app/errors.ts';

type Outcome<T> =
  | { readonly refusal: AppError; readonly result?: undefined }
  | { readonly refusal?: undefined; readonly result: T };

/** Resolves to the refusal, where it is one of these kinds, and to the result where all went well. */
export async function outcomeOf<T>(
  work: Promise<T>,
  ...kinds: readonly ErrorKind[]
): Promise<Outcome<T>> {
  try {
    return { result: await work };
  } catch (error) {
    if (error instanceof AppError && kinds.includes(error.kind)) return { refusal: error };
    throw error;
  }
}
