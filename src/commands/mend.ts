import type { Change, MergeText } from '../merge/change.ts';
import { mergeTrees } from '../merge/merge.ts';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { sameText } from '../merge/text.ts';
import { precondition } from '../problem.ts';
import { diskOf } from '../project/disk.ts';
import { type Manifest, parseManifest, readManifest } from '../project/find.ts';
import { domainsPath, withoutGaps } from '../project/mend-lists.ts';
import { mendMigrations } from '../project/mend-migrations.ts';
import { type Clash, clashes, commonAnswers, mergeAnswers } from '../project/mend-records.ts';
import { Plan } from '../project/plan.ts';
import { schemaPath } from '../project/retired.ts';
import { hasMarkers, sidesOf } from '../project/sides.ts';
import { gitStage } from '../project/undo.ts';
import { basePath, manifestPath } from '../render/manifest.ts';
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
  const text = readManifest(folder) ?? '';
  const merge = hasMarkers(text) ? await mergedManifest(text, request) : undefined;
  const answers = merge?.answers ?? parseManifest(text, folder, version).answers;
  const common = merge?.common ?? answers;
  requireTemplates(merge?.manifests ?? [parseManifest(text, folder, version)], request);

  const before = render(common, templates, { version });
  const now = render(answers, templates, { version });
  const plan = new Plan(diskOf(folder), [], []);
  const sides = (merge?.manifests ?? []).map((one) => render(one.answers, templates, { version }));
  await resolveFiles(plan, { before, now, sides }, request);
  mendMigrations(plan);
  for (const file of [domainsPath, schemaPath]) {
    const list = plan.textAfter(file);
    if (list === undefined || hasMarkers(list)) continue;
    plan.put(file, withoutGaps(folder, file, list), `${file} lists what is in the folders.`);
  }
  for (const file of [manifestPath, basePath]) plan.record(file, now.get(file));
  return plan.changes;
}

/**
 * The domains that two branches made in ways that contradict, in a project that git merged; none
 * where it did not.
 *
 * @throws Problem (exit code 3) when the manifest of a branch is damaged, or a newer version made it
 */
export async function clashesIn(request: SidesRequest): Promise<readonly Clash[]> {
  const text = readManifest(request.folder) ?? '';
  if (!hasMarkers(text)) return [];
  const { origin, ours, theirs } = await manifestsOf(text, request);
  return clashes({ common: origin, ours: ours.answers, theirs: theirs.answers });
}

interface MergedManifest {
  readonly answers: ProjectAnswers;
  readonly common: ProjectAnswers;
  readonly manifests: readonly Manifest[];
}

async function mergedManifest(text: string, request: MendRequest): Promise<MergedManifest> {
  const { origin, ours, theirs } = await manifestsOf(text, request);
  return {
    answers: mergeAnswers({ common: origin, ours: ours.answers, theirs: theirs.answers }),
    common: origin ?? commonAnswers(ours, theirs),
    manifests: [ours, theirs],
  };
}

/** The manifests of both branches, and what git knows that they come from. */
async function manifestsOf(text: string, { folder, version, signal }: SidesRequest) {
  const sides = sidesOf(text);
  const ours = parseManifest(sides.ours, folder, version);
  const theirs = parseManifest(sides.theirs, folder, version);
  const stage = await gitStage(folder, signal, { stage: 1, file: manifestPath });
  const origin = stage === undefined ? undefined : parseManifest(stage, folder, version).answers;
  return { origin, ours, theirs };
}

/** What other templates gave cannot be made anew by these. */
function requireTemplates(
  manifests: readonly Manifest[],
  { version, templates }: MendRequest,
): void {
  const other = manifests.find(
    (one) => one.version !== version || (one.templates ?? templates.id) !== templates.id,
  );
  if (other === undefined) return;
  throw precondition(
    `The project has the templates of create-shipkit ${other.version}, and this version has others: run npx create-shipkit@${other.version} doctor --fix, then shipkit update.`,
    'other-templates',
  );
}

/** Files that git left in conflict: each side's text, merged as a command would. */
async function resolveFiles(
  plan: Plan,
  { before, now, sides }: { before: Tree; now: Tree; sides: readonly Tree[] },
  { mergeText }: MendRequest,
): Promise<void> {
  for (const [file, { content, mode, once }] of now) {
    if (once === true || file.startsWith('.shipkit/')) continue;
    const text = plan.textBefore(file);
    if (text === undefined || !hasMarkers(text)) continue;
    const { ours, theirs } = sidesOf(text);
    const isPure = [ours, theirs].every((side, index) =>
      sameText(side, sides[index]?.get(file)?.content ?? '\0'),
    );
    if (isPure && typeof content === 'string') {
      plan.put(file, content, `${file} has what both branches added.`);
      continue;
    }
    const base = before.get(file)?.content ?? '';
    const merged = await mergeTrees({
      base: new Map([[file, { content: base, mode }]]),
      theirs: new Map([[file, { content: theirs, mode }]]),
      disk: () => ({ content: Buffer.from(ours), mode }),
      mergeText,
    });
    if (merged.conflicts.length > 0) continue;
    const after = merged.changes[0]?.after?.content ?? Buffer.from(ours);
    plan.put(file, Buffer.from(after).toString('utf8'), `${file} has what both branches added.`);
  }
}
