// Applies the changes of a file to a folder, for the test that kills it in the midst of that:
//   node apply-changes.ts <folder> <changes.json>
import { readFileSync } from 'node:fs';
import { applyChanges } from '../../../src/project/journal.ts';
import { changesFrom } from './change-set.ts';

const [folder = '', file = ''] = process.argv.slice(2);
const { before, after } = JSON.parse(readFileSync(file, 'utf8')) as Parameters<
  typeof changesFrom
>[0];
const changes = changesFrom({ before, after });
process.stdout.write('begin\n');
const started = performance.now();
await applyChanges(folder, changes);
process.stdout.write(`${performance.now() - started}\n`);
