// A page of the admin area is one value: where it is, who may see it, what it shows and what can be
// done on it. Its routes, its entry in the navigation, its forms and its checks are made from that.
import type { z } from 'zod';
import type { AppError, ErrorKind } from '#app/errors.ts';
import type { AnswerHeaders } from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import type { Operator } from '../operator.ts';
import type { Permission } from '../roles.ts';

type Parsed<S extends z.ZodType | undefined> = S extends z.ZodType ? z.output<S> : undefined;

export interface PageContext<Params = unknown, Query = unknown> {
  readonly services: Services;
  readonly operator: Operator;
  readonly params: Params;
  readonly query: Query;
}

export interface ActionContext<Input = unknown, Params = unknown> {
  readonly services: Services;
  readonly operator: Operator;
  readonly params: Params;
  readonly input: Input;
  /** Where the request comes from. */
  readonly from: { readonly ip: string; readonly userAgent: string | undefined };
}

/** How an input of a form looks. One without a field here is hidden, and gets its value by `form`. */
export type Field = {
  readonly label: string;
  readonly hint?: string;
  readonly optional?: true;
} & (
  | {
      readonly kind: 'text' | 'email' | 'number' | 'date' | 'datetime-local' | 'url' | 'password';
      readonly inputMode?: 'decimal' | 'numeric';
      readonly autocomplete?: string;
      readonly maxLength?: number;
      /** The step of a number; `any` without it. */
      readonly step?: string;
    }
  | { readonly kind: 'textarea'; readonly maxLength?: number; readonly rows?: number }
  | { readonly kind: 'checkbox' }
  | {
      readonly kind: 'select';
      readonly options: readonly { readonly value: string; readonly label: string }[];
    }
);

/**
 * What an action comes to: back to its page with what `done` says, elsewhere, or a page shown once.
 * It may bring headers along, such as another cookie of the session.
 */
export type ActionOutcome =
  | undefined
  | { readonly headers: AnswerHeaders }
  | { readonly to: `/admin${string}`; readonly headers?: AnswerHeaders }
  | { readonly title: string; readonly content: string; readonly headers?: AnswerHeaders };

export interface ActionSpec<
  Input extends z.ZodType | undefined = z.ZodType | undefined,
  Params extends z.ZodType | undefined = z.ZodType | undefined,
> {
  /** What its button says, in the imperative: `Save`. */
  readonly label: string;
  /** Where it cannot be undone: what its user has to agree to in a box of the form. */
  readonly confirm?: string;
  readonly permission: Permission;
  /** Whether it asks for the second factor again where that was proved some time ago. */
  readonly sensitive?: true;
  /** Whether it makes something new: sent twice, its form makes one. */
  readonly once?: true;
  /** Whether it may be done while the operator acts in a customer's place. */
  readonly whileActing?: true;
  /** The parameters of the page's path, as its `params`. */
  readonly params?: Params;
  /** What its form sends: every value is text, a box that is ticked is `on`. */
  readonly input?: Input;
  readonly fields?: Readonly<Record<string, Field>>;
  /** What the page says afterwards. */
  readonly done: string;
  /** Errors that are shown in the form, instead of on a page of their own. */
  readonly refusals?: readonly ErrorKind[];
  readonly run: (
    context: ActionContext<Parsed<Input>, Parsed<Params>>,
  ) => Promise<ActionOutcome | void>;
}

/** An action whose inner types are settled. */
export type Action = Omit<ActionSpec, 'run'> & {
  readonly run: (context: ActionContext) => Promise<ActionOutcome | void>;
};

/** Declares what can be done on a page, with the types of `run` taken from its schemas. */
export function defineAction<
  Input extends z.ZodType | undefined = undefined,
  Params extends z.ZodType | undefined = undefined,
>(spec: ActionSpec<Input, Params>): Action {
  // The page's routes hand `run` exactly what the schemas in the same value have parsed.
  return spec as unknown as Action;
}

/** What a form did not take, and what was typed. */
export interface Attempt {
  readonly action: string;
  /** Which of several forms of that action. */
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
  /** By the field's name; `''` for what is about the whole form. */
  readonly errors: Readonly<Record<string, string>>;
}

/** What a view has besides its data. */
export interface View {
  readonly operator: Operator;
  /** The page's own address, with its parameters: `/admin/customers/…`. */
  readonly path: string;
  may(permission: Permission): boolean;
  /**
   * The form of one of the page's actions; nothing where the operator may not do it.
   *
   * @param options.values what its fields hold at first, and its hidden inputs
   * @param options.key tells several forms of the same action on one page apart
   */
  form(action: string, options?: FormOptions): string;
}

export interface FormOptions {
  readonly values?: Readonly<Record<string, string | number | undefined>>;
  readonly key?: string;
  /** What its button says here, in place of the action's label. */
  readonly label?: string;
  /** What a screen reader says in place of that, where several buttons say the same. */
  readonly about?: string;
}

export interface PageSpec<
  Data,
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
> {
  /** Below `/admin`: `/orders`, `/orders/:id`. */
  readonly path: `/${string}`;
  /** What it is called. A page of one thing takes it from its data. */
  readonly title: string | ((data: Data) => string);
  /** Its entry in the navigation; without it there is none. */
  readonly navigation?: string;
  readonly permission: Permission;
  readonly params?: Params;
  readonly query?: Query;
  /** Reads what it shows. Changes nothing. */
  readonly load: (context: PageContext<Parsed<Params>, Parsed<Query>>) => Promise<Data>;
  /** Its HTML, by `html` of ghtml, which escapes what is put in by `${…}`. */
  readonly view: (data: Data, view: View) => string;
  readonly actions?: Readonly<Record<string, Action>>;
}

/** A page whose inner types are settled: what the admin area's routes are made from. */
export interface AdminPage {
  readonly path: `/${string}`;
  readonly title: string | ((data: unknown) => string);
  readonly navigation?: string;
  readonly permission: Permission;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly load: (context: PageContext) => Promise<unknown>;
  readonly view: (data: unknown, view: View) => string;
  readonly actions?: Readonly<Record<string, Action>>;
}

/** Declares a page of the admin area, with the types of `load` and `view` taken from each other. */
export function defineAdminPage<
  Data,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
>(spec: PageSpec<Data, Params, Query>): AdminPage {
  // The page's routes hand `view` exactly what `load` has given, and `load` what the schemas in the
  // same value have parsed.
  return spec as unknown as AdminPage;
}

/** What a refused action says, by the field it is about. */
export function errorsOf(error: AppError): Record<string, string> {
  const fields = (error.details.errors ?? []).map(({ pointer, detail }) => [
    pointer.replace(/^#\//, ''),
    detail,
  ]);
  return { '': error.message, ...Object.fromEntries(fields) };
}
