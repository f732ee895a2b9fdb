import { existsSync } from 'node:fs';
import path from 'node:path';
import { scriptRunner } from '../catalog/package-manager.ts';
import { Problem } from '../problem.ts';
import { readBaseOf } from '../project/base.ts';
import { findFolder, type Manifest, parseManifest, readManifest } from '../project/find.ts';
import { applyChanges } from '../project/journal.ts';
import { recoverAround } from '../project/open.ts';
import { hasMarkers } from '../project/sides.ts';
import { threeWay } from '../project/three-way.ts';
import { transactionPath } from '../project/transaction.ts';
import { manifestPath } from '../render/manifest.ts';
import type { Templates } from '../render/templates.ts';
import type { Tree } from '../render/tree.ts';
import { clashingDomains } from './doctor/clash.ts';
import { conflictMarkers, drift, lists, markersIn } from './doctor/files.ts';
import type { Check, Finding, Patient } from './doctor/finding.ts';
import { imports, listFiles } from './doctor/imports.ts';
import { migrations } from './doctor/migrations.ts';
import { secrets, settings } from './doctor/secrets.ts';
import { nodeVersion, packages } from './doctor/surroundings.ts';
import { mend } from './mend.ts';

export interface DoctorRequest {
  readonly cwd: string;
  readonly version: string;
  readonly fix: boolean;
  readonly signal: AbortSignal;
  /** With `fix`, told what became of a command that was interrupted before this one. */
  readonly onRecovery: (sentence: string) => void;
  readonly loadTemplates: () => Promise<Templates>;
  readonly during: <T>(label: string, work: () => Promise<T>) => Promise<T>;
}

export interface Diagnosis {
  readonly folder: string;
  readonly findings: readonly Finding[];
  /** What was mended, a sentence each. */
  readonly fixed: readonly string[];
  /** Nothing stands between the project and working. */
  readonly ok: boolean;
}

const checks: readonly Check[] = [
  nodeVersion,
  packages,
  migrations,
  settings,
  secrets,
  listFiles,
  lists,
  imports,
  conflictMarkers,
  drift,
];

/**
 * What stands between a project and working, each with the command that mends it. With `fix`, what
 * a command left half written is finished or dropped first; then what can be made anew is made so,
 * unless the branches of a merge contradict.
 *
 * @throws Problem (exit code 3) when there is no project, or a newer version made it
 */
export async function doctor(request: DoctorRequest): Promise<Diagnosis> {
  const { cwd, fix, version, during, onRecovery } = request;
  const folder = fix ? await recoverAround(cwd, onRecovery) : findFolder(cwd);
  const clashing = await clashingDomains({ folder, version, signal: request.signal });
  const isClear = clashing.length === 0;
  const fixed = fix && isClear ? await mendProject(folder, request) : [];
  const records = isClear ? recordsOf(folder, version) : { findings: clashing };
  const findings = [...interrupted(folder), ...records.findings];
  const { manifest, base } = records;
  if (manifest !== undefined) {
    const run = scriptRunner(manifest.answers.packageManager);
    const patient = { folder, manifest, base: base ?? new Map(), signal: request.signal, run };
    findings.push(...(await during('Looking', () => examine(patient))));
  } else {
    findings.push(...markersIn(folder, new Map()));
  }
  const ok = findings.every(({ severity }) => severity !== 'error');
  return { folder, findings, fixed, ok };
}

async function examine(patient: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(patient)));
  return findings;
}

async function mendProject(folder: string, request: DoctorRequest): Promise<string[]> {
  const { version, signal } = request;
  const templates = await request.loadTemplates();
  const mergeText = threeWay(signal);
  const changes = await mend({ folder, version, templates, signal, mergeText });
  await applyChanges(folder, changes);
  return changes.map(({ path: file, kind }) =>
    kind === 'delete' ? `${file} was renamed or is gone.` : `${file} was made whole.`,
  );
}

function interrupted(folder: string): Finding[] {
  if (!existsSync(path.join(folder, transactionPath))) return [];
  return [
    {
      check: 'interrupted',
      severity: 'error',
      message: 'A command is at work here, or was interrupted while it wrote.',
      mend: 'shipkit doctor --fix',
    },
  ];
}

interface Records {
  readonly manifest?: Manifest;
  readonly base?: Tree;
  readonly findings: Finding[];
}

/** The manifest and the base; what is wrong with them is a finding. */
function recordsOf(folder: string, version: string): Records {
  const found: { manifest?: Manifest; base?: Tree } = {};
  const text = readManifest(folder) ?? '';
  try {
    found.manifest = parseManifest(text, folder, version);
    found.base = readBaseOf({ folder, manifest: found.manifest });
    return { ...found, findings: [] };
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'newer-version') throw error;
    const [message = ''] = error.message.split(': ');
    const isLost = error.code === 'manifest-damaged' && !hasMarkers(text);
    const command = isLost ? `git restore ${manifestPath}` : 'shipkit doctor --fix';
    const finding = {
      check: 'records',
      severity: 'error' as const,
      message: `${message}.`,
      mend: command,
    };
    return { ...found, findings: [finding] };
  }
}
