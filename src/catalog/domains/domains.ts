import { badInput } from '../../problem.ts';
import { type Domain, foreignKeyOf } from './fields.ts';
import { namesOf } from './names.ts';
import { refuseFields } from './refuse-fields.ts';
import { typesOf } from './taken.ts';

/**
 * A project's domains with one more, which may refer to those and to itself.
 *
 * @throws Problem (exit code 2) for what cannot be added, and why
 */
export function withDomain(domains: readonly Domain[], added: Domain): Domain[] {
  const all = [...domains, added];
  const reason = refuseDomains(all);
  if (reason !== undefined) throw badInput(reason);
  return all;
}

/** Why a project of these features cannot have these domains; undefined when it can. */
export function refusePages(
  domains: readonly Domain[],
  features: readonly string[],
): string | undefined {
  const paged = domains.find(({ admin }) => admin === true);
  if (paged === undefined || features.includes('admin')) return undefined;
  return `The domain ${paged.name} has pages in the admin area, which need the feature admin: --features admin.`;
}

/** The other domains that refer to this one. */
export function referrersOf(name: string, domains: readonly Domain[]): string[] {
  return domains
    .filter((domain) => domain.name !== name && targetsOf(domain).includes(name))
    .map((domain) => domain.name);
}

/** The domains that a domain refers to, itself among them if it does. */
export function targetsOf({ fields }: Pick<Domain, 'fields'>): string[] {
  return [...new Set(fields.flatMap(({ target }) => target ?? []))];
}

/**
 * Why a project cannot have these domains, as one sentence; undefined when it can. Each may refer to
 * itself and to those before it, so that no two need each other first.
 */
export function refuseDomains(domains: readonly Domain[]): string | undefined {
  const names = new Set<string>();
  const takenBy = new Map<string, string>();
  for (const { name, fields } of domains) {
    if (names.has(name)) return `There is a domain ${name} already.`;
    names.add(name);
    const reason = refuseFields(fields) ?? refuseReferences({ name, fields }, names);
    if (reason !== undefined) return reason;
    for (const claim of claimsOf({ name, fields })) {
      const owner = takenBy.get(claim);
      if (owner !== undefined) return `${name} would have ${claim}, which ${owner} has already.`;
      takenBy.set(claim, name);
    }
  }
  return undefined;
}

function refuseReferences(
  { name, fields }: Domain,
  known: ReadonlySet<string>,
): string | undefined {
  for (const { name: field, target, optional } of fields) {
    if (target !== undefined && !known.has(target)) {
      return `${name}.${field} refers to ${target}, and there is no such domain.`;
    }
    if (target === name && optional !== true) {
      return `${name}.${field} refers to ${name} itself and has to be optional, ref(${name})?, because the first one has none to refer to.`;
    }
  }
  return undefined;
}

/** What only one domain of a project can have: types of the API, and foreign keys by their name. */
function claimsOf({ name, fields }: Domain): string[] {
  const names = namesOf(name);
  const references = fields.filter(({ type }) => type === 'ref');
  return [
    ...typesOf(names).map((type) => `the type ${type}`),
    ...references.map((field) => `the key ${names.table}_${foreignKeyOf(field)}`),
  ];
}
