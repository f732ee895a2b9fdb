// Keys, letters and digits in the order in which everybody finds them: 87654321, qwertyuiop,
// 1qaz@WSX and 789456123 take no list to guess.

/** What is followed, in both directions. */
const orders = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  // The rows of a keyboard, also of a German and a French one, and the upper two in turn.
  '!@#$%^&*()',
  'qwertyuiop[]',
  "asdfghjkl;'",
  'zxcvbnm,./',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  // The columns of a keyboard, and the columns and diagonals of a number pad.
  ...'1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik, 9ol. 0p;/ 147 258 369 159 357'.split(' '),
];
/** The least that shows an order. */
const stepLength = 3;
const steps = new Set(orders.flatMap((order) => [order, reversed(order)]).flatMap(stepsOf));
/** As few characters beside sequences are worth nothing, in a text that is long enough for both. */
const restAtMost = 2;
const longEnough = 8;

/** Whether a text, in lower case, is made of sequences: all of it, or nearly. */
export function isSequence(text: string): boolean {
  // 112233 is 123, as far as guessing goes.
  const single = text.replaceAll(/(.)\1+/gsu, '$1');
  const inOrder = new Set<number>();
  for (const [at, step] of stepsOf(single).entries()) {
    if (!steps.has(step)) continue;
    for (let offset = 0; offset < stepLength; offset += 1) inOrder.add(at + offset);
  }
  const rest = single.length - inOrder.size;
  return inOrder.size > 0 && rest <= (text.length >= longEnough ? restAtMost : 0);
}

function stepsOf(text: string): string[] {
  const count = Math.max(0, text.length - stepLength + 1);
  return Array.from({ length: count }, (_, at) => text.slice(at, at + stepLength));
}

function reversed(text: string): string {
  return Array.from(text).toReversed().join('');
}
