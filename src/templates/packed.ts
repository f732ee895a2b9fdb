import type { Json, JsonObject } from '../render/json.ts';
import type { Layer, Migration, TemplateFile, Templates } from '../render/templates.ts';
import { packWords, unpackWords } from './word-list.ts';

/** A file's text, as a list of words where that is shorter, or the key of its compiled template. */
type PackedFile = string | { readonly words: string } | { readonly template: string };

/** A layer as data. */
export interface PackedLayer {
  readonly files: Readonly<Record<string, PackedFile>>;
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

/** The same with its long lists of words packed as such. */
export function withWords(layer: PackedLayer): PackedLayer {
  const files = Object.entries(layer.files).map(([path, file]): [string, PackedFile] => {
    const isList = path.endsWith('.txt') && typeof file === 'string' && file.length > 50_000;
    return [path, isList ? { words: packWords(file) } : file];
  });
  return { ...layer, files: Object.fromEntries(files) };
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

function ready(file: PackedFile, compiled: (key: string) => Compiled): TemplateFile {
  if (typeof file === 'string') return file;
  if ('words' in file) return () => unpackWords(file.words);
  const { template } = file;
  return (context) => compiled(template)(context);
}
