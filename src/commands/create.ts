import type { Answers } from '../catalog/answers.ts';
import { refusePages } from '../catalog/domains/domains.ts';
import { installCommands } from '../catalog/package-manager.ts';
import type { Reason } from '../catalog/reason.ts';
import { badInput, cancelled, precondition } from '../problem.ts';
import { projectAround } from '../project/find.ts';
import { fsProblem } from '../project/fs-problem.ts';
import type { GitOutcome } from '../project/git.ts';
import type { InstallOutcome } from '../project/install.ts';
import { openStaging, writeTree } from '../project/staging.ts';
import { freeTarget, type Target } from '../project/target.ts';
import { resolve } from '../catalog/resolve.ts';
import { isObject, objectIn } from '../render/json.ts';
import { recordPaths } from '../render/records.ts';
import { renderApart, type Rendering } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import { textOf, type Tree } from '../render/tree.ts';

export interface CreateRequest {
  readonly answers: Answers;
  /** Where the project goes, as the user gave it. */
  readonly folder: string;
  readonly cwd: string;
  readonly version: string;
  readonly templates: Templates;
  /** Nothing is written. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Shows that something is going on while the work is done. */
  readonly during: <T>(label: string, work: () => Promise<T>) => Promise<T>;
}

export interface CreateResult {
  readonly folder: string;
  readonly answers: Answers;
  readonly features: readonly string[];
  readonly reasons: readonly Reason[];
  readonly files: readonly string[];
  readonly git: GitOutcome;
  readonly install: InstallOutcome | { readonly state: 'skipped' };
  /** The migrations that were generated for the domains, by their paths. */
  readonly migrations: readonly string[];
}

const notAsked: GitOutcome = { state: 'skipped', reason: 'not asked for' };

/**
 * Makes a project: rendered in memory, written beside its place, and moved there in one step. An
 * end at any moment leaves nothing, or the whole project. A failed install leaves the project.
 *
 * @throws Problem for a place that is taken, answers that do not fit, a disk that does not play
 */
export async function create(request: CreateRequest): Promise<CreateResult> {
  const { answers, cwd, signal } = request;
  const target = freeTarget(request.folder, cwd);
  refuseNested(target);
  refusePagesWithoutAdmin(answers);
  refuseTargetsWithoutDeploy(answers);
  const rendering = renderApart(answers, request.templates, { version: request.version });
  refuseDependencyName(answers.name, rendering.files);
  const result: CreateResult = {
    folder: target.folder,
    answers,
    ...resolve(answers),
    files: [...rendering.files.keys(), ...recordPaths].toSorted(),
    git: notAsked,
    install: { state: 'skipped' },
    migrations: [],
  };
  if (request.dryRun) return result;
  if (answers.install && answers.packageManager !== 'npm') {
    const { requirePackageManager } = await import('../project/install.ts');
    await requirePackageManager(answers.packageManager, cwd, signal);
  }
  const git = await writeProject(rendering, target, request);
  const install = await installProject(target, git, request);
  if (install.state !== 'done' || answers.domains.length === 0) return { ...result, git, install };
  const { migrateDomains } = await import('./migrate-domains.ts');
  return { ...result, install, ...(await migrateDomains(target.folder, git, request)) };
}

function refusePagesWithoutAdmin(answers: Answers): void {
  const reason = refusePages(answers.domains, resolve(answers).features);
  if (reason !== undefined) throw badInput(reason, 'needs-admin');
}

function refuseTargetsWithoutDeploy(answers: Answers): void {
  if (answers.deploy === undefined || resolve(answers).features.includes('deploy')) return;
  throw badInput(
    'deploy: a project has targets with the feature deploy alone: --features deploy.',
    'needs-deploy',
  );
}

/** A project in a project: commands in it would never know which is meant. */
function refuseNested({ parent }: Target): void {
  const around = projectAround(parent);
  if (around === undefined) return;
  throw precondition(
    `${around} is a project already, and one inside another would not know which is meant: choose a folder beside it.`,
    'nested-project',
  );
}

async function writeProject(
  { files, records }: Rendering,
  target: Target,
  request: CreateRequest,
): Promise<GitOutcome> {
  const { answers, signal } = request;
  const staging = openStaging(target);
  try {
    const packing = records();
    writeTree(files, staging.folder);
    writeTree(await packing, staging.folder);
    const git = answers.git ? await makeRepository(staging.folder, target, request) : notAsked;
    await interruptible(signal);
    await staging.finish();
    return git;
  } catch (error) {
    throw fsProblem(error, target.parent) ?? error;
  } finally {
    staging.discard();
  }
}

async function makeRepository(
  folder: string,
  { parent }: Target,
  { signal, during, version }: CreateRequest,
): Promise<GitOutcome> {
  const { initRepository, isInsideWorkTree } = await import('../project/git.ts');
  if (await isInsideWorkTree(parent, signal)) {
    return { state: 'skipped', reason: 'the folder lies in a git repository already' };
  }
  const message = `Start from create-shipkit ${version}`;
  return during('Making a git repository', () => initRepository(folder, { signal, message }));
}

async function installProject(
  { folder }: Target,
  git: GitOutcome,
  { answers, signal, during }: CreateRequest,
): Promise<CreateResult['install']> {
  if (!answers.install) return { state: 'skipped' };
  const { install } = await import('../project/install.ts');
  const { packageManager } = answers;
  try {
    const label = `Installing the dependencies with ${packageManager}`;
    const outcome = await during(label, () => install(packageManager, folder, signal));
    if (outcome.state === 'done' && packageManager === 'pnpm' && git.state === 'committed') {
      const { commitAll } = await import('../project/git.ts');
      await commitAll(folder, { signal, message: 'Import the lockfile for pnpm' });
    }
    return outcome;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw cancelled(
      `Cancelled while installing: the project is whole in ${folder}; go on there with ${installCommands(packageManager).join(' && ')}.`,
    );
  }
}

/** Lets a signal that came during synchronous work be heard. */
async function interruptible(signal: AbortSignal): Promise<void> {
  await new Promise((resolve_) => {
    setImmediate(resolve_);
  });
  signal.throwIfAborted();
}

/** npm refuses to install a package into a package of its own name. */
function refuseDependencyName(name: string, tree: Tree): void {
  const file = tree.get('package.json');
  const packageJson: unknown = file && JSON.parse(textOf(file.content));
  if (!isObject(packageJson)) return;
  const taken = ['dependencies', 'devDependencies'].some(
    (kind) => name in objectIn(packageJson, kind),
  );
  if (taken) throw badInput(`folder: "${name}" is reserved: the project itself depends on ${name}`);
}
