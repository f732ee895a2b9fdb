import Handlebars from 'handlebars';
import type { Templates } from '../render/templates.ts';
import { type Compiled, unpack } from './packed.ts';
import { readTemplates } from './read.ts';

/** A misspelt name fails, it does not render empty; the text is code, not HTML. */
export const compileOptions = { strict: true, noEscape: true } as const;

/** The templates of a folder, compiled here and now. */
export function templatesFrom(folder: string): Templates {
  const { packed, sources } = readTemplates(folder);
  const handlebars = Handlebars.create();
  const ready = new Map<string, Compiled>();
  for (const [key, source] of sources) {
    ready.set(key, handlebars.compile<object>(source, compileOptions));
  }
  return unpack(packed, (key) => {
    const template = ready.get(key);
    if (template === undefined) throw new Error(`There is no template ${key}.`);
    return template;
  });
}

/** JavaScript that makes the template when it is handed to Handlebars' runtime. */
export function precompile(source: string): string {
  const text: unknown = Handlebars.precompile(source, compileOptions);
  if (typeof text === 'string') return text;
  throw new TypeError('Handlebars did not give its template as text.');
}
