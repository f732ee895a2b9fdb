import type { Tree } from '../render/tree.ts';
import { readBase } from './base.ts';
import { findFolder, parseManifest, type Project, readManifest } from './find.ts';
import { recover } from './journal.ts';
import { requireUndo, type Undo } from './undo.ts';

/** A project that a command may change. */
export interface OpenProject extends Project {
  /** What the generator last gave it. */
  readonly base: Tree;
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
  const manifest = parseManifest(readManifest(folder) ?? '', folder, version);
  const undo = clean ? await requireUndo(folder, signal) : 'none';
  return { folder, manifest, base: readBase(folder, manifest.base), undo };
}
