// What takes no list to guess either: 19850412 and hahaha, also with a year or signs beside them.
import { isLongEnough } from './weak-passwords.ts';

/** Characters that differ in a text that is no pattern. A whole password has to have one more. */
const distinctAtLeast = 4;

/** Whether a text, in lower case, is a few characters again and again. */
export function isRepetitive(text: string): boolean {
  return isLongEnough(text) && new Set(text).size < distinctAtLeast;
}

/** Whether a text is a number that people have: a date, a telephone number, the number of an account. */
export function isShortNumber(text: string): boolean {
  return /^\d{5,8}$/.test(text);
}
