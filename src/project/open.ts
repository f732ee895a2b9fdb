import type { Disk } from '../merge/change.ts';
import { basePath, manifestPath } from '../render/manifest.ts';
import type { Tree } from '../render/tree.ts';
import { readBaseOf } from './base.ts';
import { asFirstRead, diskOf } from './disk.ts';
import { findFolder, parseManifest, type Project } from './find.ts';
import { changedByAnother, recover } from './journal.ts';
import { requireUndo, type Undo } from './undo.ts';

/** A project that a command may change. */
export interface OpenProject extends Project {
  /** What the generator last gave it. */
  readonly base: Tree;
  /**
   * Its files as they stood when they were first read, and what the generator keeps for itself as
   * the project was opened: a change is never written over what was made meanwhile.
   */
  readonly disk: Disk;
  readonly undo: Undo;
}

/**
 * Finishes or drops what a command left half written in the project that `cwd` lies in.
 *
 * @param onRecovery told what became of it
 * @returns the project's folder
 * @throws Problem (exit code 3) when there is none
 */
export async function recoverAround(
  cwd: string,
  onRecovery: (sentence: string) => void,
): Promise<string> {
  const folder = findFolder(cwd);
  const { sentence } = await recover(folder);
  if (sentence !== '') onRecovery(sentence);
  return folder;
}

interface OpenOptions {
  /** The running generator's. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told what became of a command that was interrupted before this one. */
  readonly onRecovery: (sentence: string) => void;
  /** Whether what is not committed stands in the way; nothing is to be written otherwise. */
  readonly clean?: boolean;
}

/**
 * The project that `cwd` lies in, ready to be changed: what an earlier command left half written is
 * finished or dropped first, and nothing stands uncommitted.
 *
 * @throws Problem (exit code 3) when there is none that this version can change
 */
export async function openProject(
  cwd: string,
  { version, signal, onRecovery, clean = true }: OpenOptions,
): Promise<OpenProject> {
  const folder = await recoverAround(cwd, onRecovery);
  const disk = diskAsOf(folder);
  const text = new TextDecoder().decode(disk(manifestPath)?.content);
  const manifest = parseManifest(text, folder, version);
  const undo = clean ? await requireUndo(folder, signal) : 'none';
  return { folder, manifest, base: readBaseOf({ folder, manifest }), disk, undo };
}

/** @throws Problem (exit code 3) when another command has changed the project since it was opened */
export function requireAsOpened({ folder, disk }: OpenProject): void {
  const now = diskOf(folder);
  for (const file of [manifestPath, basePath]) {
    const [opened, standing] = [disk(file)?.content, now(file)?.content];
    if (Buffer.compare(opened ?? nothing, standing ?? nothing) !== 0) throw changedByAnother();
  }
}

const nothing = new Uint8Array();

function diskAsOf(folder: string): Disk {
  const disk = asFirstRead(diskOf(folder));
  for (const file of [manifestPath, basePath]) disk(file);
  return disk;
}
