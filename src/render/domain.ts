import type { Domain } from '../catalog/domains/fields.ts';
import { namesOf } from '../catalog/domains/names.ts';
import { domainContext } from './domain-context.ts';
import type { Layer, TemplateFile, Templates } from './templates.ts';
import type { Entry } from './tree.ts';

/** Where the name of the domain goes in the paths of its templates. */
const placeholder = 'DOMAIN';

/**
 * The layers of these domains: what any domain needs, once, then each one's own.
 *
 * @param ready for domains that are rendered already, the files among which theirs are
 */
export function domainLayers(
  domains: readonly Domain[],
  templates: Templates,
  ready: ReadonlyMap<Domain, ReadonlyMap<string, Entry>> = new Map(),
): Layer[] {
  if (domains.length === 0) return [];
  const own = domains.map((domain) => layerOf(domain, templates.domain, ready.get(domain)));
  return [templates.domains, ...own];
}

/** The names of the tables of these domains. */
export function domainTables(domains: readonly Domain[]): Set<string> {
  return new Set(domains.map(({ name }) => namesOf(name).table));
}

function layerOf(
  domain: Domain,
  template: Layer,
  ready: ReadonlyMap<string, Entry> | undefined,
): Layer {
  const names = namesOf(domain.name);
  let own: object | undefined;
  const whole = (context: object) => ({
    ...context,
    ...(own ??= domainContext(domain, names)),
  });
  const files = [...template.files].map(([path, file]): [string, TemplateFile] => {
    const place = path.replaceAll(placeholder, names.folder);
    const rendered = ready?.get(place)?.content;
    if (typeof rendered === 'string') return [place, rendered];
    return [place, typeof file === 'string' ? file : (context) => file(whole(context))];
  });
  const { folder, many } = names;
  const heading = folder === many ? folder : `'${folder}'`;
  return {
    files: new Map(files),
    lists: {
      domains: [{ name: heading, routes: `${many}Routes`, folder }],
      schema: [`../domains/${folder}/models.ts`],
    },
  };
}
