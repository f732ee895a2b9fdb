import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars/runtime';
import type { Templates } from '../render/templates.ts';
import { type Compiled, type PackedTemplates, unpack } from './packed.ts';

/** The templates that were packed beside this program when it was built. */
export async function loadTemplates(): Promise<Templates> {
  const compiledUrl = new URL('./templates.js', import.meta.url);
  const specs = ((await import(compiledUrl.href)) as { default: Record<string, unknown> }).default;
  const packed = readFileSync(new URL('./templates.json', import.meta.url), 'utf8');
  const handlebars = Handlebars.create();
  const ready = new Map<string, Compiled>();
  return unpack(JSON.parse(packed) as PackedTemplates, (key) => {
    const template =
      ready.get(key) ?? handlebars.template<object>(specs[key] as TemplateSpecification);
    ready.set(key, template);
    return template;
  });
}
