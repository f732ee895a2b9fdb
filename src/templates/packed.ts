import type { Json, JsonObject } from '../render/json.ts';
import type { Layer, Migration, TemplateFile, Templates } from '../render/templates.ts';

/** A file's text, or the key of its compiled template. */
export type PackedFile = string | { readonly template: string };

/** A layer as data; `File` is what stands for a file. */
export interface PackedLayer<File = PackedFile> {
  readonly files: readonly (readonly [path: string, file: File])[];
  readonly lists: Readonly<Record<string, readonly Json[]>>;
}

/** All templates as data. */
export interface PackedTemplates<File = PackedFile> extends AllLayers<PackedLayer<File>> {
  readonly id: string;
  readonly once: { readonly lock?: JsonObject; readonly migration?: Migration };
}

interface AllLayers<Each> {
  readonly base: Each;
  readonly features: Readonly<Record<string, Each>>;
  readonly deploy: Readonly<Record<string, Each>>;
  readonly pairs: Readonly<Record<string, Each>>;
  readonly domains: Each;
  readonly domain: Each;
  readonly domainsAdmin: Each;
  readonly domainAdmin: Each;
}

/** The packed templates for the renderer; `ready` gives a file when its layer is asked for. */
export function unpack<File>(
  packed: PackedTemplates<File>,
  ready: (file: File) => TemplateFile,
): Templates {
  const layers = mapLayers(packed, ({ files, lists }): Layer => {
    let all: Layer['files'] | undefined;
    return {
      lists,
      get files() {
        all ??= new Map(files.map(([path, file]) => [path, ready(file)]));
        return all;
      },
    };
  });
  return {
    ...layers,
    features: new Map(Object.entries(layers.features)),
    deploy: new Map(Object.entries(layers.deploy)),
    pairs: new Map(Object.entries(layers.pairs)),
    id: packed.id,
    once: packed.once,
  };
}

/** The same templates with something else for each file, which are taken in their order. */
export function mapFiles<From, To>(
  packed: PackedTemplates<From>,
  map: (file: From) => To,
): PackedTemplates<To> {
  const layers = mapLayers(packed, ({ files, lists }): PackedLayer<To> => {
    return { files: files.map(([path, file]) => [path, map(file)]), lists };
  });
  return { ...layers, id: packed.id, once: packed.once };
}

function mapLayers<From, To>(layers: AllLayers<From>, map: (layer: From) => To): AllLayers<To> {
  return {
    base: map(layers.base),
    features: mapValues(layers.features, map),
    deploy: mapValues(layers.deploy, map),
    pairs: mapValues(layers.pairs, map),
    domains: map(layers.domains),
    domain: map(layers.domain),
    domainsAdmin: map(layers.domainsAdmin),
    domainAdmin: map(layers.domainAdmin),
  };
}

/** The same keys, each with what `map` makes of its value. */
function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
