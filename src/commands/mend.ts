import type { Change, MergeText } from '../merge/change.ts';
import { mergeTrees } from '../merge/merge.ts';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { refuseDomains } from '../catalog/domains/domains.ts';
import { resolve } from '../catalog/resolve.ts';
import { sameText } from '../merge/text.ts';
import { precondition, Problem } from '../problem.ts';
import { readOrigin, requireAgreement } from '../project/base.ts';
import { asFirstRead, diskOf } from '../project/disk.ts';
import { parseManifest, readManifest } from '../project/find.ts';
import { builtInFolders, domainsPath, withoutGaps } from '../project/mend-lists.ts';
import { mendMigrations } from '../project/mend-migrations.ts';
import { type Clash, clashes, commonAnswers, mergeAnswers } from '../project/mend-records.ts';
import { Plan } from '../project/plan.ts';
import { bringBack, retiredPath, schemaPath, unite } from '../project/retired.ts';
import { hasMarkers, sidesOf } from '../project/sides.ts';
import { mergedSide } from '../project/undo.ts';
import { basePath, manifestPath, type Origin } from '../render/manifest.ts';
import { render } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import type { Tree } from '../render/tree.ts';

type SidesRequest = Pick<MendRequest, 'folder' | 'version' | 'signal'>;

interface MendRequest {
  readonly folder: string;
  readonly version: string;
  readonly templates: Templates;
  readonly signal: AbortSignal;
  readonly mergeText: MergeText;
}

/**
 * What makes a project whole after git merged two branches: the manifest and the base of both, their
 * lists, the migrations in one row. Without a merge, it is the records alone, where they are damaged.
 *
 * @throws Problem (exit code 3) when the manifest says too little to go on
 */
export async function mend(request: MendRequest): Promise<readonly Change[]> {
  const { folder, version, templates } = request;
  const disk = asFirstRead(diskOf(folder));
  disk(basePath);
  const text = new TextDecoder().decode(disk(manifestPath)?.content);
  const merge = hasMarkers(text) ? await mergedManifest(text, request) : undefined;
  const { answers, common, origins } = merge ?? alone(originOf(text, request));
  requireTemplates(origins, request);

  const before = render(common, templates, { version });
  const now = render(answers, templates, { version });
  const plan = new Plan(disk, [], []);
  const builtIn = builtInFolders(now, answers);
  const sides = (merge?.origins ?? []).map((one) => render(one.answers, templates, { version }));
  await resolveFiles(plan, { before, now, sides }, request);
  await resolveRetired(plan, now, request);
  mendMigrations(plan);
  for (const file of [domainsPath, schemaPath]) {
    const list = plan.textAfter(file);
    if (list === undefined || hasMarkers(list)) continue;
    plan.put(
      file,
      withoutGaps(folder, { file, text: list }, builtIn),
      `${file} lists what is in the folders.`,
    );
  }
  for (const file of [manifestPath, basePath]) plan.record(file, now.get(file));
  return plan.changes;
}

/**
 * What a project was made from, where no merge left two answers: the manifest and the base each know
 * it. A manifest that contradicts an intact base was edited by hand, so that the base is believed.
 */
function originOf(text: string, { folder, version }: SidesRequest): Origin {
  try {
    const manifest = parseManifest(text, folder, version);
    requireAgreement({ folder, manifest });
    return manifest;
  } catch (error) {
    const isLost = error instanceof Problem && error.code === 'manifest-damaged';
    const origin = isLost ? readOrigin(folder) : undefined;
    if (origin === undefined) throw error;
    return origin;
  }
}

/** What keeps two branches from being one project. */
export interface Contradictions {
  readonly clashes: readonly Clash[];
  /** Why a project cannot have the answers of both, as a sentence. */
  readonly refusal: string | undefined;
}

/**
 * In what two branches contradict, in a project that git merged; nothing where it did not.
 *
 * @throws Problem (exit code 3) when the manifest of a branch is damaged, or a newer version made it
 */
export async function contradictionsIn(request: SidesRequest): Promise<Contradictions> {
  const text = readManifest(request.folder) ?? '';
  if (!hasMarkers(text)) return { clashes: [], refusal: undefined };
  const { origin, ours, theirs } = await manifestsOf(text, request);
  const sides = { common: origin, ours: ours.answers, theirs: theirs.answers };
  return { clashes: clashes(sides), refusal: refuseAnswers(mergeAnswers(sides)) };
}

function refuseAnswers(answers: ProjectAnswers): string | undefined {
  try {
    resolve(answers);
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  return refuseDomains(answers.domains);
}

interface Records {
  /** What the project is to be. */
  readonly answers: ProjectAnswers;
  readonly common: ProjectAnswers;
  readonly origins: readonly Origin[];
}

function alone(origin: Origin): Records {
  return { answers: origin.answers, common: origin.answers, origins: [origin] };
}

async function mergedManifest(text: string, request: MendRequest): Promise<Records> {
  const { origin, ours, theirs } = await manifestsOf(text, request);
  return {
    answers: mergeAnswers({ common: origin, ours: ours.answers, theirs: theirs.answers }),
    common: origin ?? commonAnswers(ours, theirs),
    origins: [ours, theirs],
  };
}

/**
 * The manifests of both branches, and what they come from: as git has them, as long as the merge is
 * open. In the text, what only one branch changed is merged already, so that each side has it.
 */
async function manifestsOf(text: string, { folder, version, signal }: SidesRequest) {
  const staged = async (stage: 1 | 2 | 3) =>
    mergedSide(folder, signal, { stage, file: manifestPath });
  const parse = (side: string) => parseManifest(side, folder, version);
  const sides = sidesOf(text);
  const origin = await staged(1);
  return {
    origin: origin === undefined ? undefined : parse(origin).answers,
    ours: parse((await staged(2)) ?? sides.ours),
    theirs: parse((await staged(3)) ?? sides.theirs),
  };
}

/** What other templates gave cannot be made anew by these. */
function requireTemplates(origins: readonly Origin[], { version, templates }: MendRequest): void {
  const other = origins.find(
    (one) => one.version !== version || (one.templates ?? templates.id) !== templates.id,
  );
  if (other === undefined) return;
  throw precondition(
    `The project has the templates of create-shipkit ${other.version}, and this version has others: run npx create-shipkit@${other.version} doctor --fix, then shipkit update.`,
    'other-templates',
  );
}

interface Rendered {
  readonly before: Tree;
  readonly now: Tree;
  readonly sides: readonly Tree[];
}

/** Files that git left in conflict: each side's text, merged as a command would. */
async function resolveFiles(plan: Plan, trees: Rendered, request: MendRequest): Promise<void> {
  for (const [file, { once }] of trees.now) {
    if (once === true || file.startsWith('.shipkit/')) continue;
    const text = plan.textBefore(file);
    if (text === undefined || !hasMarkers(text)) continue;
    const whole = await resolved({ file, text }, trees, request);
    if (whole !== undefined) plan.put(file, whole, `${file} has what both branches added.`);
  }
}

/** What both branches kept of tables that left, without those of domains that are there. */
async function resolveRetired(plan: Plan, now: Tree, request: MendRequest): Promise<void> {
  const text = plan.textBefore(retiredPath);
  if (text === undefined || !hasMarkers(text)) return;
  const sides = sidesOf(text);
  const [ours, theirs] = (await branchesOf(retiredPath, request)) ?? [sides.ours, sides.theirs];
  let retired = unite(ours ?? '', theirs ?? '');
  if (retired === undefined) return;
  for (const [file, { content }] of now) {
    if (!file.startsWith('src/') || typeof content !== 'string') continue;
    retired = retired && bringBack(retired, content, file);
  }
  const reason = `${retiredPath} keeps the tables that both branches kept.`;
  if (retired === undefined) plan.remove(retiredPath, reason);
  else plan.put(retiredPath, retired, reason);
}

/** A file that git left in conflict, as it is to be; undefined where its owner has to say. */
async function resolved(
  { file, text }: { file: string; text: string },
  { before, now, sides }: Rendered,
  { folder, signal, mergeText }: MendRequest,
): Promise<string | undefined> {
  const { content = '', mode = 0o644 } = now.get(file) ?? {};
  const { ours, theirs } = sidesOf(text);
  const given = sides.map((side) => side.get(file)?.content ?? '\0');
  const staged = await branchesOf(file, { folder, signal });
  const isMerged = staged !== undefined && hasLinesOf(text, staged);
  const isPure = [isMerged ? staged : [], [ours, theirs]].some((texts) => areSame(texts, given));
  if (isPure && typeof content === 'string') return content;
  const merged = await mergeTrees({
    base: new Map([[file, { content: before.get(file)?.content ?? '', mode }]]),
    theirs: new Map([[file, { content: theirs, mode }]]),
    disk: () => ({ content: Buffer.from(ours), mode }),
    mergeText,
  });
  if (merged.conflicts.length > 0) return undefined;
  return Buffer.from(merged.changes[0]?.after?.content ?? Buffer.from(ours)).toString('utf8');
}

/** A file on each branch, as git has it while the merge is open. */
async function branchesOf(
  file: string,
  { folder, signal }: Pick<MendRequest, 'folder' | 'signal'>,
): Promise<string[] | undefined> {
  const ours = await mergedSide(folder, signal, { stage: 2, file });
  const theirs = await mergedSide(folder, signal, { stage: 3, file });
  return ours === undefined || theirs === undefined ? undefined : [ours, theirs];
}

/** Whether nobody has written anything into a file since git merged it. */
function hasLinesOf(text: string, branches: readonly string[]): boolean {
  const known = new Set(branches.flatMap((branch) => branch.split(/\r?\n/)));
  const { ours, theirs } = sidesOf(text);
  return [...ours.split('\n'), ...theirs.split('\n')].every((line) => known.has(line));
}

function areSame(texts: readonly string[], given: readonly (string | Uint8Array)[]): boolean {
  return texts.length > 0 && texts.every((text, index) => sameText(text, given[index] ?? '\0'));
}
