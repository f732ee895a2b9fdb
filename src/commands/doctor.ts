import type { Change } from '../merge/change.ts';
import { scriptRunner } from '../catalog/package-manager.ts';
import { Problem } from '../problem.ts';
import { readBaseOf, readOrigin } from '../project/base.ts';
import { damagedManifest, type Manifest, parseManifest, readManifest } from '../project/find.ts';
import { applyChanges } from '../project/journal.ts';
import { recoverAround } from '../project/open.ts';
import { hasMarkers } from '../project/sides.ts';
import { threeWay } from '../project/three-way.ts';
import { fingerprint } from '../render/manifest.ts';
import type { Templates } from '../render/templates.ts';
import type { Tree } from '../render/tree.ts';
import { contradictions } from './doctor/contradictions.ts';
import { databaseUsers } from './doctor/database-users.ts';
import { conflictMarkers, drift, lists, markersIn } from './doctor/files.ts';
import type { Check, Finding, Patient } from './doctor/finding.ts';
import { restoring, type Sources, trackedFiles } from './doctor/mends.ts';
import { imports, listFiles } from './doctor/imports.ts';
import { migrations } from './doctor/migrations.ts';
import { keys } from './doctor/keys.ts';
import { secrets } from './doctor/secrets.ts';
import { settings } from './doctor/settings.ts';
import { stripe } from './doctor/stripe.ts';
import { nodeVersion, packageFile, packages } from './doctor/surroundings.ts';
import { mend } from './mend.ts';

export interface DoctorRequest {
  readonly cwd: string;
  readonly version: string;
  readonly fix: boolean;
  /** With `fix`, nothing is written. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Told what became of a command that was interrupted before this one. */
  readonly onRecovery: (sentence: string) => void;
  readonly loadTemplates: () => Templates;
  readonly during: <T>(label: string, work: () => Promise<T>) => Promise<T>;
}

export interface Diagnosis {
  readonly folder: string;
  readonly findings: readonly Finding[];
  /** What was mended, a sentence each. */
  readonly fixed: readonly string[];
  /** What would be written, and was not. */
  readonly pending: readonly Change[];
  /** Nothing stands between the project and working. */
  readonly ok: boolean;
}

/** These go by what package.json says, or run the project's own code. */
const onPackages: readonly Check[] = [nodeVersion, packages, migrations, settings];

const onFiles: readonly Check[] = [
  keys,
  secrets,
  databaseUsers,
  stripe,
  listFiles,
  lists,
  imports,
  conflictMarkers,
];

/**
 * What stands between a project and working, each with the command that mends it. What a command
 * left half written is finished or dropped first. With `fix`, what can be made anew is made so, unless
 * the branches of a merge contradict.
 *
 * @throws Problem (exit code 3) when there is no project, or a newer version made it
 */
export async function doctor(request: DoctorRequest): Promise<Diagnosis> {
  const { cwd, fix, dryRun, version, during, onRecovery } = request;
  const folder = await recoverAround(cwd, onRecovery);
  const clashing = await contradictions({ folder, version, signal: request.signal });
  const isClear = clashing.length === 0;
  const changes = fix && isClear ? await mendsFor(folder, request) : [];
  if (!dryRun) await applyChanges(folder, changes);
  const tracked = await trackedFiles(folder, request.signal);
  const records = isClear ? recordsOf(folder, { version, tracked }) : { findings: clashing };
  const findings = [...records.findings];
  const { manifest } = records;
  const base: Tree = records.base ?? new Map();
  if (manifest !== undefined) {
    const run = scriptRunner(manifest.answers.packageManager);
    const patient = { folder, manifest, base, tracked, signal: request.signal, run };
    findings.push(...(await during('Looking', () => examine(patient))));
    if (records.base !== undefined) findings.push(...(await drift(patient)));
  } else {
    // What doctor --fix makes whole is no work for a person.
    const isMerge = hasMarkers(readManifest(folder) ?? '') && isClear && !fix;
    const markers = markersIn({ folder, base });
    findings.push(
      ...markers.map((one) => (isMerge ? { ...one, mend: 'shipkit doctor --fix' } : one)),
    );
  }
  const ok = findings.every(({ severity }) => severity !== 'error');
  const [fixed, pending] = dryRun ? [[], changes] : [changes.map(sentenceOf), []];
  return { folder, findings, fixed, pending, ok };
}

async function examine(patient: Patient): Promise<Finding[]> {
  const findings = [...(await packageFile(patient))];
  const checks = findings.length === 0 ? [...onPackages, ...onFiles] : onFiles;
  for (const check of checks) findings.push(...(await check(patient)));
  return findings;
}

async function mendsFor(folder: string, request: DoctorRequest): Promise<readonly Change[]> {
  const { version, signal } = request;
  const templates = request.loadTemplates();
  return mend({ folder, version, templates, signal, mergeText: threeWay(signal) });
}

function sentenceOf({ path, kind }: Change): string {
  return kind === 'delete' ? `${path} was renamed or is gone.` : `${path} was made whole.`;
}

/** @throws Problem (exit code 3) where the manifest has another than that of what was generated */
function requireFingerprints(folder: string, { files }: Manifest, base: Tree): void {
  const odd = [...base].find(([file, { content }]) => files[file] !== fingerprint(content));
  if (odd !== undefined) throw damagedManifest(folder, `files.${odd[0]}`);
}

interface Records {
  readonly manifest?: Manifest;
  readonly base?: Tree;
  readonly findings: Finding[];
}

/** The manifest and the base; what is wrong with them is a finding. */
function recordsOf(
  folder: string,
  { version, tracked }: { version: string; tracked: Sources['tracked'] },
): Records {
  const found: { manifest?: Manifest; base?: Tree } = {};
  const text = readManifest(folder) ?? '';
  try {
    found.manifest = parseManifest(text, folder, version);
    found.base = readBaseOf({ folder, manifest: found.manifest });
    requireFingerprints(folder, found.manifest, found.base);
    return { ...found, findings: [] };
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'newer-version') throw error;
    const [message = ''] = error.message.split(': ');
    const isLost =
      error.code === 'manifest-damaged' && !hasMarkers(text) && readOrigin(folder) === undefined;
    const mends = isLost
      ? restoring({ tracked, base: new Map() }, '.shipkit')
      : 'shipkit doctor --fix';
    const advice = mends === undefined ? ': restore .shipkit from a backup' : '';
    const sentence = `${message}${advice}.`;
    const finding = {
      check: 'records',
      severity: 'error' as const,
      message: sentence,
      mend: mends,
    };
    return { ...found, findings: [finding] };
  }
}
