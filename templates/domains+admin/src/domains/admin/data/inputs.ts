// How a value is typed into a form: what its input looks like, and the way from text to the value and
// back. Whether a value may be is for the domain's own schemas to say.
import type { Field } from '../pages/define-page.ts';

export interface Input {
  readonly field: Field;
  /** What the domain's schema is given for what was typed. A box that is not ticked sends nothing. */
  readonly read: (typed: string | undefined) => unknown;
  /** What the input holds for a value that is there. */
  readonly write: (value: unknown) => string;
}

/** An input that may be left empty, which is null. */
export function optional({ field, read, write }: Input): Input {
  const blank = { value: '', label: '–' };
  const open: Field =
    field.kind === 'select' ? { ...field, options: [blank, ...field.options] } : field;
  return {
    field: { ...open, optional: true },
    read: (typed = '') => (typed === '' ? null : read(typed)),
    write,
  };
}

export function text(label: string): Input {
  return line({ kind: 'text', label, maxLength: 255 });
}

export function email(label: string): Input {
  return line({ kind: 'email', label, maxLength: 254 });
}

export function webAddress(label: string): Input {
  return line({ kind: 'url', label, maxLength: 2000 });
}

/** Text of several lines, which may be empty. */
export function longText(label: string): Input {
  return {
    field: { kind: 'textarea', label, optional: true, maxLength: 20_000, rows: 6 },
    read: (typed = '') => unixLines(typed),
    write: (value) => unixLines(written(value)),
  };
}

/** @param step `1` for whole numbers */
export function number(label: string, step = 'any'): Input {
  return { field: { kind: 'number', label, step }, read: readNumber, write: written };
}

export function money(label: string): Input {
  const { field, ...rest } = number(label, '1');
  return { field: { ...field, hint: 'In minor units, such as cents.' }, ...rest };
}

/** Yes or no, which is no where nothing is chosen. */
export function checkbox(label: string): Input {
  return {
    field: { kind: 'checkbox', label },
    read: (typed) => typed === 'on',
    write: (value) => (value === true ? 'on' : ''),
  };
}

/** Yes or no, one of which has to be chosen. */
export function yesOrNo(label: string): Input {
  const options = [
    { value: 'true', label: 'Yes' },
    { value: 'false', label: 'No' },
  ];
  const values = new Map([
    ['true', true],
    ['false', false],
  ]);
  return {
    field: { kind: 'select', label, options },
    read: (typed = '') => values.get(typed) ?? typed,
    write: written,
  };
}

export function day(label: string): Input {
  return { field: { kind: 'date', label }, read: (typed = '') => typed, write: written };
}

/** A moment, which is typed in UTC. */
export function moment(label: string): Input {
  return {
    field: { kind: 'datetime-local', label, hint: 'In UTC.' },
    read: (typed = '') => inUtc(typed),
    write: written,
  };
}

/** One of these. */
export function choice(label: string, values: readonly string[]): Input {
  const options = values.map((value) => ({ value, label: value }));
  return { field: { kind: 'select', label, options }, read: (typed) => typed, write: written };
}

/** The id of something else of the same account. */
export function reference(label: string, things: string): Input {
  return line({ kind: 'text', label, hint: `An id among the account’s ${things}.`, maxLength: 36 });
}

/** Browsers take line breaks out of what they show in an input of one line. */
function line(field: Field): Input {
  return {
    field,
    read: (typed = '') => typed.trim(),
    write: (value) => written(value).replaceAll(/[\r\n]/g, ''),
  };
}

function readNumber(typed = ''): unknown {
  return typed.trim() === '' ? undefined : Number(typed);
}

/** Browsers send no seconds where there are none, and no time zone ever. */
function inUtc(typed: string): string {
  return typed.replace(/T\d\d:\d\d$/, '$&:00').replace(/T[\d:.]+$/, '$&Z');
}

/** Browsers send a line break as CR LF. */
function unixLines(typed: string): string {
  return typed.replaceAll('\r\n', '\n');
}

function written(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/Z$/, '');
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}
