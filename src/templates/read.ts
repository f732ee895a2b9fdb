import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isList, isObject, type JsonObject, objectIn } from '../render/json.ts';
import type { Migration } from '../render/templates.ts';
import type { PackedFile, PackedLayer, PackedTemplates } from './packed.ts';

/** The templates of a folder as data, and the source of each Handlebars template by its key. */
export interface TemplateSources {
  readonly packed: PackedTemplates;
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Reads a folder of templates (base/, features/, deploy/, pairs/, domains/, domain/, both again with
 * +admin, once/). Used to build the package and to test it; a published package reads what was built.
 *
 * @throws Error for a file that is not text, or a layer.json that is not one
 */
export function readTemplates(folder: string): TemplateSources {
  const sources = new Map<string, string>();
  const layers = (kind: string) =>
    Object.fromEntries(
      foldersIn(path.join(folder, kind)).map((name) => [
        name,
        readLayer(folder, `${kind}/${name}`, sources),
      ]),
    );
  const packed = {
    base: readLayer(folder, 'base', sources),
    features: layers('features'),
    deploy: layers('deploy'),
    pairs: layers('pairs'),
    domains: readLayer(folder, 'domains', sources),
    domain: readLayer(folder, 'domain', sources),
    domainsAdmin: readLayer(folder, 'domains+admin', sources),
    domainAdmin: readLayer(folder, 'domain+admin', sources),
    once: readOnce(path.join(folder, 'once')),
  };
  const id = createHash('sha256').update(JSON.stringify([packed, [...sources]]));
  return { packed: { id: id.digest('hex'), ...packed }, sources };
}

function readLayer(folder: string, layer: string, sources: Map<string, string>): PackedLayer {
  const files: [string, PackedFile][] = [];
  for (const file of filesIn(path.join(folder, layer))) {
    if (file === 'layer.json') continue;
    const key = `${layer}/${file}`;
    const text = readText(path.join(folder, key));
    if (!file.endsWith('.hbs')) files.push([file, text]);
    else {
      files.push([file.slice(0, -'.hbs'.length), { template: key }]);
      sources.set(key, text);
    }
  }
  return { files, lists: readLists(path.join(folder, layer, 'layer.json')) };
}

function readLists(file: string): PackedLayer['lists'] {
  if (!existsSync(file)) return {};
  const entries = Object.entries(objectIn(readJson(file), 'lists'));
  return Object.fromEntries(
    entries.map(([name, list]) => {
      if (!isList(list)) throw new Error(`${file}: "${name}" is not a list.`);
      return [name, list];
    }),
  );
}

function readOnce(folder: string): PackedTemplates['once'] {
  const lock = path.join(folder, 'package-lock.json');
  const migrations = path.join(folder, 'migrations');
  return {
    ...(existsSync(lock) ? { lock: readJson(lock) } : {}),
    ...(existsSync(migrations) ? { migration: readMigration(migrations) } : {}),
  };
}

/** Reads what drizzle-kit wrote under the name `initial`. */
export function readMigration(folder: string): Migration {
  return {
    sql: readText(path.join(folder, '0000_initial.sql')),
    snapshot: readJson(path.join(folder, 'meta', '0000_snapshot.json')),
    journal: readJson(path.join(folder, 'meta', '_journal.json')),
  };
}

/** What is made by running a project in place, and what it installs, is not a template. */
function isLeftover(name: string): boolean {
  return ['node_modules', '.shipkit', '.DS_Store', '.env', 'secrets', 'coverage'].includes(name);
}

function filesIn(folder: string, below = ''): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true })
    .filter((entry) => !isLeftover(entry.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .flatMap((entry) => {
      const file = below === '' ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? filesIn(folder, file) : [file];
    });
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

function readText(file: string): string {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return text.decode(readFileSync(file)).replaceAll('\r\n', '\n');
  } catch (error) {
    throw new Error(`${file} is not text: templates are UTF-8.`, { cause: error });
  }
}

function readJson(file: string): JsonObject {
  const value: unknown = JSON.parse(readText(file));
  if (!isObject(value)) throw new Error(`${file} is not a JSON object.`);
  return value;
}
