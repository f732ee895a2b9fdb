import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { brotliDecompressSync } from 'node:zlib';
import Handlebars from 'handlebars/runtime';
import type { Templates } from '../render/templates.ts';
import { type Compiled, type PackedTemplates, unpack } from './packed.ts';

interface PackedFile extends PackedTemplates {
  /** By its key, the expression of each Handlebars template. */
  readonly compiled: Readonly<Record<string, string>>;
}

/** The templates that were packed beside this program when it was built. */
export function loadTemplates(): Templates {
  const data = readFileSync(new URL('./templates.json.br', import.meta.url));
  // Written by our own build, and its expressions by Handlebars then.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { compiled, ...packed } = JSON.parse(brotliDecompressSync(data).toString()) as PackedFile;
  const handlebars = Handlebars.create();
  const ready = new Map<string, Compiled>();
  return unpack(packed, (key) => {
    const known = ready.get(key);
    if (known !== undefined) return known;
    const expression = compiled[key];
    if (expression === undefined) throw new Error(`There is no template ${key}.`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const specification = runInThisContext(expression) as TemplateSpecification;
    const template = handlebars.template<object>(specification);
    ready.set(key, template);
    return template;
  });
}
