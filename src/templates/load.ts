import { runInThisContext } from 'node:vm';
import Handlebars from 'handlebars/runtime';
import type { Templates } from '../render/templates.ts';
import { openArchive } from './archive.ts';
import { unpack } from './packed.ts';
import { unpackArchive } from './unpack.ts';

/**
 * The templates that were packed beside this program when it was built.
 *
 * @param archive what `unpackingArchive` gave, where that was begun early
 */
export function loadTemplates(archive = unpackArchive()): Templates {
  const { packed, compiled } = openArchive(archive);
  const handlebars = Handlebars.create();
  // Handlebars' own words, of our own build.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const specifications = runInThisContext(compiled().toString()) as Record<
    string,
    TemplateSpecification
  >;
  return unpack(packed, (file) => {
    if (typeof file === 'function') return file();
    const specification = specifications[file.template];
    if (specification === undefined) throw new Error(`There is no template ${file.template}.`);
    return handlebars.template<object>(specification);
  });
}
