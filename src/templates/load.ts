import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import Handlebars from 'handlebars/runtime';
import type { Templates } from '../render/templates.ts';
import { type Compiled, type PackedTemplates, unpack } from './packed.ts';

/** The templates that were packed beside this program when it was built. */
export async function loadTemplates(): Promise<Templates> {
  const compiled: unknown = await import(new URL('./templates.js', import.meta.url).href);
  const data = readFileSync(new URL('./templates.json.br', import.meta.url));
  const text = brotliDecompressSync(data).toString();
  // Both files were written by our own build.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { default: specifications } = compiled as {
    default: Readonly<Record<string, TemplateSpecification>>;
  };
  const handlebars = Handlebars.create();
  const ready = new Map<string, Compiled>();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const packed = JSON.parse(text) as PackedTemplates;
  return unpack(packed, (key) => {
    const known = ready.get(key);
    if (known !== undefined) return known;
    const specification = specifications[key];
    if (specification === undefined) throw new Error(`There is no template ${key}.`);
    const template = handlebars.template<object>(specification);
    ready.set(key, template);
    return template;
  });
}
