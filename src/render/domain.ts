import type { Domain } from '../catalog/domains/fields.ts';
import { namesOf } from '../catalog/domains/names.ts';
import { domainContext } from './domain-context.ts';
import type { Layer, TemplateFile, Templates } from './templates.ts';

/** Where the name of the domain goes in the paths of its templates. */
const placeholder = 'DOMAIN';

/** The layers of these domains: what any domain needs, once, then each one's own. */
export function domainLayers(domains: readonly Domain[], templates: Templates): Layer[] {
  if (domains.length === 0) return [];
  return [templates.domains, ...domains.map((domain) => layerOf(domain, templates.domain))];
}

/** The names of the tables of these domains. */
export function domainTables(domains: readonly Domain[]): Set<string> {
  return new Set(domains.map(({ name }) => namesOf(name).table));
}

function layerOf(domain: Domain, template: Layer): Layer {
  const names = namesOf(domain.name);
  const own = domainContext(domain, names);
  const files = [...template.files].map(([path, file]): [string, TemplateFile] => [
    path.replaceAll(placeholder, names.folder),
    typeof file === 'string' ? file : (context) => file({ ...context, ...own }),
  ]);
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
