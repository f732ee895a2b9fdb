import { readFileSync } from 'node:fs';
import path from 'node:path';
import pc from 'picocolors';
import { type Outlook, outlook } from '../commands/update.ts';
import { openProject } from '../project/open.ts';
import { loadTemplates } from '../templates/load.ts';
import type { UpdateFlags } from './commands/update.ts';
import { Output } from './output.ts';
import { runChange } from './run-change.ts';
import type { Session } from './session.ts';

/** What a program sees of `--check` when there is something new. */
const somethingNew = 10;

/** Brings the project around the user to the running version, or says what that would bring. */
export async function runUpdate(flags: UpdateFlags, session: Session): Promise<void> {
  if (flags.check === true) {
    await check(flags, session);
    return;
  }
  const { version } = session;
  await runChange(flags, session, ({ manifest }) => ({
    answers: manifest.answers,
    command: 'update',
    migration: `update_${version.replaceAll(/[^0-9a-z]+/gi, '_')}`,
    isUpdate: true,
  }));
}

async function check(flags: UpdateFlags, { cwd, version, signal }: Session): Promise<void> {
  const output = new Output(flags.json === true);
  const project = await openProject(path.resolve(cwd, flags.cwd ?? '.'), {
    version,
    signal,
    clean: false,
    onRecovery: output.tell,
  });
  const templates = loadTemplates();
  const found = outlook(project, { version, templates, changelog: readChangelog() });
  output.result(found);
  say(found, output);
  if (found.isNews) process.exitCode = somethingNew;
}

function say({ from, to, files, notes, isNews }: Outlook, output: Output): void {
  if (!isNews) {
    output.say(`Nothing is new: the project has the templates of ${to}.`);
    return;
  }
  output.say(`From ${from} to ${to}:`);
  for (const { version, notes: text } of notes) {
    output.say();
    output.say(pc.bold(version));
    output.say(text);
  }
  output.say();
  for (const { path: file, change } of files) output.say(`${change.padEnd(9)}${file}`);
  if (files.length === 0) output.say('No file of this project changes.');
  output.say();
  output.say(`To take it over: ${pc.cyan('shipkit update')} (--dry-run shows it with your edits)`);
}

/** Published beside the folder of this program, which is built. */
function readChangelog(): string {
  return readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8');
}
