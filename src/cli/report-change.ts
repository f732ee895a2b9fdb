import pc from 'picocolors';
import { scriptRunner } from '../catalog/package-manager.ts';
import { reasonLine } from '../catalog/reason.ts';
import type { ChangeResult } from '../commands/change.ts';
import type { Change, ChangeKind } from '../merge/change.ts';
import { unifiedDiff } from '../merge/diff.ts';
import { exitCodes, Problem } from '../problem.ts';
import { undoCommand } from '../project/undo.ts';
import { seconds } from './duration.ts';
import type { Output } from './output.ts';

interface Circumstances {
  readonly dryRun: boolean;
  readonly milliseconds: number;
  /** Where the user stands. */
  readonly cwd: string;
}

const verbs: Record<Exclude<ChangeKind, 'record'>, string> = {
  create: 'new',
  replace: 'changed',
  merge: 'merged',
  mode: 'mode',
  delete: 'removed',
  conflict: 'conflict',
};

/** Tells what was changed, what was kept, what is pending, what comes next and how to undo it. */
export function reportChange(result: ChangeResult, output: Output, about: Circumstances): void {
  const problem = failureOf(result);
  const facts = factsOf(result, about);
  if (about.dryRun) {
    // A terminal gets no bytes of what shipkit packs for itself; a file or a pipe gets them all.
    if (!output.json) process.stdout.write(diffOf(result, !process.stdout.isTTY));
    if (!output.json && isSoAlready(result)) process.stderr.write(`${nothingToDo}\n`);
    sayNotes(result, (line) => process.stderr.write(`${line}\n`));
  } else {
    sayChanges(result, output, about);
  }
  if (problem === undefined) {
    output.result(facts);
    return;
  }
  output.failure(problem, facts);
  process.exitCode = problem.exitCode;
}

/** Exactly what would be written: nothing of a change that conflicts stand in the way of. */
function diffOf({ blocked, changes }: ChangeResult, binary: boolean): string {
  return blocked ? '' : unifiedDiff(changes, { binary });
}

const nothingToDo = 'Nothing to do: the project is so already.';

function isSoAlready({ changes, conflicts }: ChangeResult): boolean {
  return changes.length === 0 && conflicts.length === 0;
}

function sayChanges(result: ChangeResult, output: Output, about: Circumstances): void {
  const say = (line = '') => output.say(line);
  for (const reason of result.reasons) say(pc.dim(reasonLine(reason)));
  if (isSoAlready(result)) {
    say(nothingToDo);
    return;
  }
  if (result.written) {
    for (const { path, kind } of shown(result.changes)) {
      say(`${verbs[kind].padEnd(9)}${path}`);
    }
  }
  sayNotes(result, say);
  if (!result.written) return;
  say(`${pc.green('✔')} ${countOf(result.changes)} in ${seconds(about.milliseconds)}.`);
  const pending = pendingOf(result);
  if (pending.length > 0) sayCommands('Pending:', pending, say);
  if (result.migration.written.length > 0) {
    const run = scriptRunner(result.answers.packageManager);
    sayCommands(
      'Next, to bring the database along (npm run dev does it too):'.replace('npm run', run),
      [`${run} db:migrate`],
      say,
    );
  }
  const undo =
    result.undo === 'git'
      ? `Undo: ${pc.cyan(undoCommand(result.folder, about.cwd))}`
      : 'This project is in no git repository, so git cannot undo this.';
  say(undo);
  if (result.wayBack !== undefined) say(`To have it back with its rows: ${result.wayBack}`);
}

function sayNotes(result: ChangeResult, say: (line: string) => void): void {
  for (const { kind, reason } of result.notes) {
    say(`${kind === 'imports' ? pc.yellow('careful') : `${pc.yellow('kept')}   `}  ${reason}`);
  }
  for (const { path, lines, reason } of result.conflicts) {
    const where = lines.length === 0 ? [path] : lines.map((line) => `${path}:${line}`);
    say(`${pc.red('conflict')} ${where.join(', ')}: ${reason}`);
  }
  for (const statement of result.migration.losses) {
    say(`${pc.yellow('careful')}  the new migration loses data: ${statement.split('\n')[0] ?? ''}`);
  }
}

function sayCommands(
  title: string,
  commands: readonly string[],
  say: (line: string) => void,
): void {
  say(title);
  for (const command of commands) say(`  ${pc.cyan(command)}`);
}

function shown(changes: readonly Change[]) {
  return changes.flatMap((change) => {
    const { path, kind } = change;
    return kind === 'record' ? [] : [{ path, kind }];
  });
}

function countOf(changes: readonly Change[]): string {
  const { length } = shown(changes);
  if (length === 0) return 'Only what shipkit remembers of this project (in .shipkit) changed';
  return length === 1 ? '1 file changed' : `${length} files changed`;
}

/** What the owner still has to run, in this order. */
function pendingOf({ packages, migration, answers }: ChangeResult): string[] {
  const { packageManager } = answers;
  const run = scriptRunner(packageManager);
  const install = 'command' in packages ? [packages.command] : [];
  const first = migration.pending === 'no-packages' && install.length === 0;
  return [
    ...(first ? [`${packageManager} install`] : install),
    ...(migration.pending === undefined ? [] : [`${run} db:generate`]),
  ];
}

function factsOf(result: ChangeResult, { dryRun, milliseconds, cwd }: Circumstances): object {
  const { folder, answers, notes, conflicts, migration, packages } = result;
  const { undo, wayBack, written } = result;
  return {
    dryRun,
    folder,
    written,
    answers,
    reasons: result.reasons.map(reasonLine),
    changes: result.changes.map(({ path, kind, reason }) => ({ path, kind, reason })),
    notes,
    conflicts,
    migration,
    packages,
    pending: pendingOf(result),
    ...(dryRun ? { diff: diffOf(result, true) } : {}),
    ...(written && undo === 'git' ? { undo: undoCommand(folder, cwd) } : {}),
    ...(written && wayBack !== undefined ? { wayBack } : {}),
    milliseconds,
  };
}

function failureOf({ conflicts, written, packages }: ChangeResult): Problem | undefined {
  if (conflicts.length > 0) {
    const count = conflicts.length === 1 ? '1 file' : `${conflicts.length} files`;
    const sentence = written
      ? `Conflicts in ${count} were written with markers: resolve them, then commit.`
      : `Conflicts in ${count}: nothing was written. Make room for the change there, or run this again with --allow-conflicts and resolve the markers.`;
    return new Problem(exitCodes.conflicts, 'conflicts', sentence);
  }
  if (packages.state === 'failed') {
    return new Problem(
      exitCodes.unexpected,
      'install-failed',
      `The install failed (${packages.reason}): the change is made; go on with ${packages.command}.`,
    );
  }
  return undefined;
}
