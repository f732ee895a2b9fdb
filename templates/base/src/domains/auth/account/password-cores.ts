// What is left of a password without the changes that everybody makes, and that everybody who
// guesses makes too: Passw0rd!, p@ssword2026 and password are one guess each.

/** The signs that stand for letters. A 1 is read both ways. */
const swaps: Readonly<Record<string, string>> = {
  0: 'o',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
};
/** Characters at the end that are taken for an addition. More of them are worth something. */
const addition = /[^\p{L}]{1,8}$/u;
const signsAtEnd = /[^\p{L}\p{N}]+$/u;

/** The form in which what people cannot tell apart, or need not, is the same. */
export function normalized(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The password, and what is left of it without additions at its end and swapped letters. */
export function coresOf(password: string): ReadonlySet<string> {
  const whole = normalized(password);
  const bases = [whole, whole.replace(signsAtEnd, ''), whole.replace(addition, '')];
  return new Set(bases.flatMap((base) => [base, unswapped(base, 'i'), unswapped(base, 'l')]));
}

function unswapped(text: string, one: 'i' | 'l'): string {
  return text.replaceAll(/[034571@$]/g, (sign) => (sign === '1' ? one : (swaps[sign] ?? sign)));
}
