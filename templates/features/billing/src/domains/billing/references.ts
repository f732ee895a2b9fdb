/** The id of what a field of Stripe's refers to, expanded or not; nothing where it refers to nothing. */
export function idOf(reference: Reference): string | undefined {
  return typeof reference === 'object' ? reference?.id : reference;
}

type Reference = string | { readonly id: string } | null | undefined;

/** A moment as Stripe gives it: seconds since 1970. */
export function momentOf(seconds: number): Date;
export function momentOf(seconds: number | null): Date | null;
export function momentOf(seconds: number | null): Date | null {
  return seconds === null ? null : new Date(seconds * 1000);
}
