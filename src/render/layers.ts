import { isObject, type Json } from './json.ts';
import { mergePackageJson } from './package-json.ts';
import type { Layer, TemplateFile, Templates } from './templates.ts';
import { textOf } from './tree.ts';

interface Context {
  readonly name: string;
  readonly lists: Readonly<Record<string, readonly Json[]>>;
}

/**
 * The layers of a project in the order in which they are laid: base, features, pairs.
 *
 * @param deploy the parts of its deployment: targets, `image`
 */
export function layersOf(
  features: readonly string[],
  deploy: readonly string[],
  templates: Templates,
): Layer[] {
  const present = [...features, ...deploy];
  const pairs = [...templates.pairs].filter(([pair]) =>
    pair.split('+').every((part) => isMet(part, present)),
  );
  return [
    templates.base,
    ...features.map((name) => layerOf(name, templates.features)),
    ...deploy.map((name) => layerOf(name, templates.deploy)),
    ...pairs.map(([, layer]) => layer),
  ];
}

function layerOf(name: string, layers: ReadonlyMap<string, Layer>): Layer {
  const layer = layers.get(name);
  if (layer === undefined) throw new Error(`${name} is offered without templates.`);
  return layer;
}

/** `redis` is met where that is present, `no-redis` where it is not. */
function isMet(part: string, present: readonly string[]): boolean {
  const absent = part.startsWith('no-') ? part.slice('no-'.length) : undefined;
  return absent === undefined ? present.includes(part) : !present.includes(absent);
}

/**
 * The lists of all layers, one after the other; a list that only absent layers fill is empty. An
 * entry that names another in `before` goes there, where that one is, and to the end else; one that
 * names another in `replaces` stands in its place.
 */
export function listsOf(layers: readonly Layer[], templates: Templates): Record<string, Json[]> {
  const { base, features, deploy, pairs } = templates;
  const all = [base, ...features.values(), ...deploy.values(), ...pairs.values()];
  const names = new Set(all.flatMap((layer) => Object.keys(layer.lists)));
  return Object.fromEntries(
    [...names].map((name) => [name, inOrder(layers.flatMap((layer) => layer.lists[name] ?? []))]),
  );
}

function inOrder(entries: readonly Json[]): Json[] {
  const ordered: Json[] = [];
  for (const entry of entries) {
    const replaced = indexOf(ordered, valueOf(entry, 'replaces'));
    const before = indexOf(ordered, valueOf(entry, 'before'));
    if (replaced !== -1) ordered[replaced] = entry;
    else ordered.splice(before === -1 ? ordered.length : before, 0, entry);
  }
  return ordered;
}

function indexOf(entries: readonly Json[], name: Json | undefined): number {
  return entries.findIndex((entry) => name !== undefined && valueOf(entry, 'name') === name);
}

function valueOf(entry: Json, key: string): Json | undefined {
  return isObject(entry) ? entry[key] : undefined;
}

/**
 * The text of every file. What several layers may give is merged as data: package.json by its
 * keys, .env.example line after line, README.md and AGENTS.md as sections of the base's own.
 *
 * @throws Error when two layers give any other path
 */
export function composeFiles(
  layers: readonly Layer[],
  context: Context,
): Map<string, string | Uint8Array> {
  const [base, ...additions] = layers;
  if (base === undefined) return new Map();
  const sections = {
    readme: textsOf('README.md', additions, context),
    agents: textsOf('AGENTS.md', additions, context),
  };
  const whole = { ...context, sections };
  const files = new Map<string, string | Uint8Array>();
  for (const [path, file] of base.files) files.set(path, contentOf(file, whole));

  for (const layer of additions) {
    for (const [path, file] of layer.files) {
      if (isMerged(path)) continue;
      if (files.has(path)) throw new Error(`Two layers of templates give ${path}.`);
      files.set(path, contentOf(file, whole));
    }
  }
  const packages = textsOf('package.json', layers, whole);
  if (packages.length > 0) files.set('package.json', mergePackageJson(packages, context.name));
  const settings = textsOf('.env.example', layers, whole);
  if (settings.length > 0) files.set('.env.example', `${settings.join('\n\n')}\n`);
  return files;
}

function isMerged(path: string): boolean {
  return ['package.json', '.env.example', 'README.md', 'AGENTS.md'].includes(path);
}

/** The file's text in each layer that has it, without the blank lines around. */
function textsOf(path: string, layers: readonly Layer[], context: object): string[] {
  return layers.flatMap((layer) => {
    const file = layer.files.get(path);
    return file === undefined ? [] : [textOf(contentOf(file, context)).trim()];
  });
}

function contentOf(file: TemplateFile, context: object): string | Uint8Array {
  return typeof file === 'function' ? file(context) : file;
}
