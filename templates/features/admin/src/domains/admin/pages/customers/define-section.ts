// What a customer's page shows is a list of sections, so that each part of the product adds its own.
import type { z } from 'zod';
import type { Services } from '#app/lifecycle.ts';
import type { Permission } from '../../roles.ts';
import type { Action, View } from '../define-page.ts';

/** A person who can sign in, and the account that is theirs. */
export interface Customer {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly createdAt: Date;
}

export interface SectionSpec<Data> {
  readonly title: string;
  /** Who does not have it does not see the section. */
  readonly permission: Permission;
  readonly load: (services: Services, customer: Customer) => Promise<Data>;
  /** Its HTML, below its title. The forms of its actions come from `view.form`. */
  readonly view: (data: Data, view: View, customer: Customer) => string;
  /** Their names are unique among those of all sections; `params` is `customerParams`. */
  readonly actions?: Readonly<Record<string, Action>>;
}

export type CustomerSection = Omit<SectionSpec<unknown>, 'view'> & {
  readonly view: (data: unknown, view: View, customer: Customer) => string;
};

/** Declares a section, with the type of its data taken from `load`. */
export function defineCustomerSection<Data>(spec: SectionSpec<Data>): CustomerSection {
  // The page hands `view` exactly what `load` has given.
  return spec as unknown as CustomerSection;
}

/** A section about an account alone, whoever's it is: it can be on the page of another owner as well. */
export interface AccountSection {
  readonly title: string;
  readonly permission: Permission;
  readonly load: (services: Services, account: Pick<Customer, 'accountId'>) => Promise<unknown>;
  readonly view: (data: unknown, view: View, account: Pick<Customer, 'accountId'>) => string;
  /** Where it has some it is on pages of one kind, whose id they take. */
  readonly actions?: Readonly<Record<string, Action>>;
}

/** Declares one, with the type of its data taken from `load`. */
export function defineAccountSection<Data>(spec: {
  readonly title: string;
  readonly permission: Permission;
  readonly load: (services: Services, account: Pick<Customer, 'accountId'>) => Promise<Data>;
  readonly view: (data: Data, view: View, account: Pick<Customer, 'accountId'>) => string;
  readonly actions?: Readonly<Record<string, Action>>;
}): AccountSection {
  return spec as unknown as AccountSection;
}

/** Finds customers by something that is theirs and no part of their name, such as an id elsewhere. */
export interface CustomerSearch {
  /** What it takes, for the hint below the search: `order number`. */
  readonly hint: string;
  /** Whether a text has the form of such an id. */
  readonly matches: z.ZodType<string>;
  /** The accounts that it belongs to. */
  readonly find: (services: Services, text: string) => Promise<readonly string[]>;
}
