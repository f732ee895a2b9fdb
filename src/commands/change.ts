import type { ProjectAnswers } from '../catalog/answers.ts';
import type { Reason } from '../catalog/reason.ts';
import { reasonsBetween } from '../catalog/resolve.ts';
import type { Change, Conflict, Note } from '../merge/change.ts';
import { mergeTrees } from '../merge/merge.ts';
import { applyChanges } from '../project/journal.ts';
import { lostImports } from '../project/lost-imports.ts';
import { type OpenProject, requireAsOpened } from '../project/open.ts';
import { changesPackages, planLock } from '../project/plan-lock.ts';
import { type MigrationOutcome, planMigration } from '../project/plan-migration.ts';
import { Plan } from '../project/plan.ts';
import {
  dropRetired,
  leavesAsGiven,
  leavingModels,
  requireUnreferred,
  retireModels,
} from '../project/retire.ts';
import { requireSameTemplates } from '../project/skew.ts';
import { threeWay } from '../project/three-way.ts';
import type { Undo } from '../project/undo.ts';
import { render, type Standing } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import type { Tree } from '../render/tree.ts';
import { bringPackages, type Packages } from './packages.ts';

export interface ChangeRequest {
  readonly project: OpenProject;
  /** What the project is to be. */
  readonly answers: ProjectAnswers;
  /** The command as the user typed it, without the program: `add ci`. */
  readonly command: string;
  /** What a migration that the change needs is called: `add_invoices`. */
  readonly migration: string;
  readonly version: string;
  readonly templates: Templates;
  readonly signal: AbortSignal;
  /** Nothing is written. */
  readonly dryRun: boolean;
  readonly install: boolean;
  /** What contradicts is written with markers, instead of nothing being written. */
  readonly allowConflicts: boolean;
  /** A migration drops the tables of what goes. */
  readonly dropTables?: boolean;
  /** A migration drops these tables too, as far as they were kept when their domain left. */
  readonly dropRetired?: readonly string[];
  /** The command that takes this back later, as long as the models are those that were given. */
  readonly wayBack?: string;
  /** The change is one of templates: those that made the project may be others. */
  readonly isUpdate?: boolean;
  /** Shows that something is going on while the work is done. */
  readonly during: <T>(label: string, work: () => Promise<T>) => Promise<T>;
}

export interface ChangeResult {
  readonly folder: string;
  readonly answers: ProjectAnswers;
  /** What there was to change; nothing where everything is so already. */
  readonly changes: readonly Change[];
  readonly conflicts: readonly Conflict[];
  /** The conflicts stand in the way of all of it. */
  readonly blocked: boolean;
  readonly notes: readonly Note[];
  /** One for each feature that comes or goes for another's sake. */
  readonly reasons: readonly Reason[];
  readonly migration: MigrationOutcome;
  readonly packages: Packages;
  readonly undo: Undo;
  readonly wayBack?: string | undefined;
  /** Whether the changes are on the disk. */
  readonly written: boolean;
}

/**
 * Makes the project what its new answers say, with its owner's edits: the difference between what
 * was rendered and what is rendered now, merged into what stands. All of it is written, or nothing.
 *
 * @returns with conflicts and without `allowConflicts`, nothing was written
 * @throws Problem (exit code 3) when other templates made the project, or when another command
 *   changed it since it was opened
 */
export async function changeProject(request: ChangeRequest): Promise<ChangeResult> {
  const { project, answers, signal, dryRun, during } = request;
  const standing = request.isUpdate === true ? undefined : standingOf(request);
  const { templates, version } = request;
  const theirs = render(answers, templates, { version, standing });
  const { folder, base, disk, undo } = project;
  const merged = await merge(theirs, request);
  // Otherwise what two commands make at once is told as a conflict with the owner.
  requireAsOpened(project);
  const sides = { base, theirs };
  const result = {
    folder,
    answers,
    reasons: reasonsBetween(project.manifest.answers, answers),
    conflicts: merged.conflicts,
    undo,
  };
  const blocked = merged.conflicts.length > 0 && !request.allowConflicts;

  const plan = new Plan(disk, merged.changes, merged.notes);
  const leaving = leavingModels(plan, sides);
  const drops = request.dropTables === true && leaving.length > 0;
  if (drops) requireUnreferred(plan, leaving, request.dropRetired);
  const comesBack = leavesAsGiven(plan, sides);
  const keeping = drops ? new Plan(disk, merged.changes, merged.notes) : undefined;
  if (keeping !== undefined) retireModels(keeping, sides, true);
  retireModels(plan, sides, !drops);
  if (request.dropRetired !== undefined) dropRetired(plan, request.dropRetired);
  planLock(plan, project.manifest, theirs);
  const migration: MigrationOutcome = blocked
    ? { written: [], losses: [] }
    : await during('Generating the migration', () =>
        planMigration(plan, { folder, name: request.migration, keeping, signal }),
      );
  const { changes } = plan;
  const notes = [...plan.notes, ...lostImports(folder, plan)];
  // What was kept would be in the way of what comes back.
  const isLeft = plan.notes.some(({ kind }) => kind === 'kept');
  const hasRows = leaving.length > 0;
  const wayBack = hasRows && comesBack && !isLeft ? request.wayBack : undefined;
  const planned = { ...result, blocked, changes, notes, migration, wayBack };
  const bring = changesPackages(plan);
  const written = !blocked && !dryRun && changes.length > 0;
  if (written) {
    signal.throwIfAborted();
    await applyChanges(folder, changes);
  }
  const packages = await bringPackages(bring, { ...request, folder, written });
  return { ...planned, packages, written };
}

/**
 * What the templates gave this project, so that what stays the same is not rendered again. Where
 * neither version nor templates are others, nothing can have come out otherwise.
 */
function standingOf({ project, templates, version, command }: ChangeRequest): Standing {
  const { manifest, base } = project;
  const standing = { answers: manifest.answers, tree: base, files: manifest.files };
  const isSame = manifest.templates !== undefined && manifest.templates === templates.id;
  if (isSame && manifest.version === version) return standing;
  const now = render(manifest.answers, templates, { version: manifest.version });
  requireSameTemplates(project, { base, now, command });
  return standing;
}

function merge(theirs: Tree, { project, signal, allowConflicts }: ChangeRequest) {
  const { base, disk } = project;
  return mergeTrees({ base, theirs, disk, mergeText: threeWay(signal), allowConflicts });
}
