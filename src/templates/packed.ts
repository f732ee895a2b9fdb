import type { Json, JsonObject } from '../render/json.ts';
import type { Layer, Migration, TemplateFile, Templates } from '../render/templates.ts';

/** A layer as data: a file's text, or the key of its compiled template. */
export interface PackedLayer {
  readonly files: Readonly<Record<string, string | { readonly template: string }>>;
  readonly lists: Readonly<Record<string, readonly Json[]>>;
}

/** All templates as data, as they lie in dist/templates.json.br. */
export interface PackedTemplates {
  readonly id: string;
  readonly base: PackedLayer;
  readonly features: Readonly<Record<string, PackedLayer>>;
  readonly pairs: Readonly<Record<string, PackedLayer>>;
  readonly domains: PackedLayer;
  readonly domain: PackedLayer;
  readonly domainsAdmin: PackedLayer;
  readonly domainAdmin: PackedLayer;
  readonly once: { readonly lock?: JsonObject; readonly migration?: Migration };
}

export type Compiled = (context: object) => string;

/** The packed templates, ready to render; `compiled` gives the template of a key. */
export function unpack(packed: PackedTemplates, compiled: (key: string) => Compiled): Templates {
  const layer = ({ files, lists }: PackedLayer): Layer => ({
    files: new Map(Object.entries(files).map(([path, file]) => [path, ready(file, compiled)])),
    lists,
  });
  const layers = (all: PackedTemplates['features']) =>
    new Map(Object.entries(all).map(([name, one]) => [name, layer(one)]));
  return {
    id: packed.id,
    base: layer(packed.base),
    features: layers(packed.features),
    pairs: layers(packed.pairs),
    domains: layer(packed.domains),
    domain: layer(packed.domain),
    domainsAdmin: layer(packed.domainsAdmin),
    domainAdmin: layer(packed.domainAdmin),
    once: packed.once,
  };
}

function ready(
  file: string | { readonly template: string },
  compiled: (key: string) => Compiled,
): TemplateFile {
  if (typeof file === 'string') return file;
  const { template } = file;
  return (context) => compiled(template)(context);
}
