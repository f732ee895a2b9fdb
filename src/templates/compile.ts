import Handlebars from 'handlebars';
import type { Templates } from '../render/templates.ts';
import { unpack } from './packed.ts';
import { readTemplates } from './read.ts';

/** A misspelt name fails, it does not render empty; no helper but Handlebars' own; code, not HTML. */
export const compileOptions = { strict: true, noEscape: true, knownHelpersOnly: true } as const;

/** The templates of a folder, compiled here and now. */
export function templatesFrom(folder: string): Templates {
  const { packed, sources } = readTemplates(folder);
  const handlebars = Handlebars.create();
  return unpack(packed, (file) => {
    if (typeof file === 'string') return file;
    const source = sources.get(file.template);
    if (source === undefined) throw new Error(`There is no template ${file.template}.`);
    return handlebars.compile<object>(source, compileOptions);
  });
}

/**
 * JavaScript that makes an object of the templates by their keys, each as Handlebars' runtime takes
 * it. Without their places in the source, which only a message to whoever wrote the template would
 * name: they are most of it.
 */
export function precompile(sources: ReadonlyMap<string, string>): string {
  const entries = [...sources].map(([key, source]) => {
    const parsed = JSON.stringify(Handlebars.parse(source), (name, value: unknown) =>
      name === 'loc' ? { start: {}, end: {} } : value,
    );
    const template: unknown = Handlebars.precompile(JSON.parse(parsed), compileOptions);
    if (typeof template === 'string') return `${JSON.stringify(key)}:${template}`;
    throw new TypeError('Handlebars did not give its template as text.');
  });
  return `({${entries.join(',')}})`;
}
