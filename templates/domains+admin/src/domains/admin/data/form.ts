import { z } from 'zod';
import { moment } from '#app/http/wire.ts';
import type { Field } from '../pages/define-page.ts';
import type { Input } from './inputs.ts';

type Row = Readonly<Record<string, unknown>>;

/** How the rows of a domain are typed into forms. `Values` is what its schema makes of that. */
export interface DataForm<Values> {
  readonly fields: Readonly<Record<string, Field>>;
  /** What the form of a new row sends: also whose it is, by id or e-mail address. */
  readonly created: z.ZodType<{ readonly accountId: string; readonly values: Values }>;
  /** What the form of a row that is there sends: also when that had last been changed. */
  readonly changed: z.ZodType<{ readonly updatedAt: Date; readonly values: Values }>;
  /** What the inputs hold for a row. */
  textOf(row: Row): Record<string, string>;
  /** Those of the values that are not the row's already. */
  changesOf(row: Row, values: Values): Partial<Values>;
}

/** The form of a domain: its schema of a new row, and an input for each value of that. */
export function dataForm<S extends z.ZodObject>(
  schema: S,
  inputs: Readonly<Record<keyof S['shape'] & string, Input>>,
): DataForm<z.output<S>> {
  const all: (readonly [string, Input])[] = Object.entries(inputs);
  const sent = z.record(z.string(), z.string());
  const read = (typed: z.output<typeof sent>) =>
    Object.fromEntries(all.map(([name, input]) => [name, input.read(typed[name])]));
  const textOf = (row: Row) =>
    Object.fromEntries(all.map(([name, input]) => [name, input.write(row[name])]));

  /** The values, and one input beside them, which no domain has a value of the name of. */
  const valuesAnd = (name: string, own: z.ZodType) =>
    sent
      .transform((typed) => ({ ...read(typed), [name]: typed[name] }))
      .pipe(schema.safeExtend({ [name]: own }))
      .transform(({ [name]: other, ...values }) => ({ [name]: other, values })) as z.ZodType;

  return {
    fields: Object.fromEntries(all.map(([name, { field }]) => [name, field])),
    created: valuesAnd('accountId', z.string().trim().min(1)) as DataForm<z.output<S>>['created'],
    changed: valuesAnd('updatedAt', moment) as DataForm<z.output<S>>['changed'],
    textOf,
    changesOf(row, values) {
      const before = textOf(row);
      const after = textOf(values);
      const changes = Object.entries(values).filter(([name]) => before[name] !== after[name]);
      return Object.fromEntries(changes) as Partial<z.output<S>>;
    },
  };
}
