import type { Domain } from '../catalog/domains/fields.ts';
import { namesOf } from '../catalog/domains/names.ts';
import { domainContext } from './domain-context.ts';
import type { Layer, TemplateFile, Templates } from './templates.ts';
import type { Entry } from './tree.ts';

/** Where the name of the domain goes in the paths of its templates. */
const placeholder = 'DOMAIN';

interface Surroundings {
  /** The features of the project. */
  readonly features: readonly string[];
  /** For domains that are rendered already, the files among which theirs are. */
  readonly ready: ReadonlyMap<Domain, ReadonlyMap<string, Entry>>;
}

/**
 * The layers of these domains: what any domain needs, once, then each one's own; what pages in the
 * admin area need, once, then those of each domain that has some.
 */
export function domainLayers(
  domains: readonly Domain[],
  templates: Templates,
  { features, ready }: Surroundings,
): Layer[] {
  const paged = features.includes('admin') ? domains.filter(({ admin }) => admin === true) : [];
  const own = domains.map((domain) => {
    return { files: filesOf(domain, templates.domain, ready), lists: listsOf(domain) };
  });
  const ofPages = paged.map((domain) => {
    return { files: filesOf(domain, templates.domainAdmin, ready), lists: pageListsOf(domain) };
  });
  return [
    ...(own.length > 0 ? [templates.domains, ...own] : []),
    ...(ofPages.length > 0 ? [templates.domainsAdmin, ...ofPages] : []),
  ];
}

/** The names of the tables of these domains. */
export function domainTables(domains: readonly Domain[]): Set<string> {
  return new Set(domains.map(({ name }) => namesOf(name).table));
}

function filesOf(
  domain: Domain,
  template: Layer,
  ready: Surroundings['ready'],
): Map<string, TemplateFile> {
  const names = namesOf(domain.name);
  let own: object | undefined;
  const whole = (context: object) => ({
    ...context,
    ...(own ??= domainContext(domain, names)),
  });
  const files = [...template.files].map(([path, file]): [string, TemplateFile] => {
    const place = path.replaceAll(placeholder, names.folder);
    const rendered = ready.get(domain)?.get(place)?.content;
    if (typeof rendered === 'string') return [place, rendered];
    return [place, typeof file === 'function' ? (context) => file(whole(context)) : file];
  });
  return new Map(files);
}

function listsOf({ name }: Domain): Layer['lists'] {
  const { folder, many } = namesOf(name);
  const heading = folder === many ? folder : `'${folder}'`;
  return {
    domains: [{ name: heading, routes: `${many}Routes`, folder }],
    schema: [`../domains/${folder}/models.ts`],
    routeCalls: [{ name: `${many}Calls`, from: `./${folder}.ts` }],
  };
}

function pageListsOf({ name }: Domain): Layer['lists'] {
  const { folder, Many, One } = namesOf(name);
  const page = (of: string, file: string) => ({
    name: of,
    from: `../../${folder}/admin/${file}.ts`,
    // What the product is about stands before what runs it.
    before: 'flagsPage',
  });
  return {
    adminPages: [
      page(`list${Many}Page`, 'list-page'),
      page(`create${One}Page`, 'create-page'),
      page(`show${One}Page`, 'page'),
      page(`edit${One}Page`, 'edit-page'),
    ],
  };
}
