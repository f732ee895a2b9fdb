import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';

const folder = join(root, 'templates');
const files = globSync('**/*.hbs', { cwd: folder, exclude: ['**/node_modules/**'] });
const conditionals = new Set(['if', 'unless']);

test.each(files)('%s has at most 8 conditionals, none in another', (file) => {
  const counted = { all: 0, deepest: 0 };
  count(Handlebars.parse(readFileSync(join(folder, file), 'utf8')), 0, counted);
  expect(counted.all).toBeLessThanOrEqual(8);
  expect(counted.deepest).toBeLessThanOrEqual(1);
});

test('a conditional inside an else counts as nested, one after another does not', () => {
  const nested = { all: 0, deepest: 0 };
  count(Handlebars.parse('{{#if a}}{{else}}{{#if b}}{{/if}}{{/if}}'), 0, nested);
  expect(nested).toEqual({ all: 2, deepest: 2 });
  const flat = { all: 0, deepest: 0 };
  count(Handlebars.parse('{{#if a}}{{/if}}{{#each b}}{{#if c}}{{/if}}{{/each}}'), 0, flat);
  expect(flat).toEqual({ all: 2, deepest: 1 });
});

function count(
  { body }: hbs.AST.Program,
  depth: number,
  counted: { all: number; deepest: number },
): void {
  for (const statement of body) {
    if (statement.type !== 'BlockStatement') continue;
    const block = statement as hbs.AST.BlockStatement;
    const isConditional =
      block.path.type === 'PathExpression' && conditionals.has(block.path.original);
    const inner = isConditional ? depth + 1 : depth;
    if (isConditional) counted.all += 1;
    counted.deepest = Math.max(counted.deepest, inner);
    count(block.program, inner, counted);
    if ((block.inverse as hbs.AST.Program | undefined) !== undefined) {
      count(block.inverse, inner, counted);
    }
  }
}
