/** One file as the generator gives it. */
export interface GivenFile {
  readonly content: string | Uint8Array;
  readonly mode: number;
  /** Written once and the owner's since then: never merged. */
  readonly once?: true;
}

/** What the generator gives, by path; a path is relative and has forward slashes. */
export type Given = ReadonlyMap<string, GivenFile>;

/** A file as it stands on the disk. */
export interface DiskFile {
  readonly content: Uint8Array;
  readonly mode: number;
}

/** Reads a file of the project; undefined when there is none. */
export type Disk = (path: string) => DiskFile | undefined;

/** A file as it will be. Without a mode it keeps the one it has. */
export interface NewFile {
  readonly content: Uint8Array;
  readonly mode?: number;
}

export type ChangeKind =
  | 'create'
  /** The owner had not touched it. */
  | 'replace'
  /** The owner's edits and the generator's, in one. */
  | 'merge'
  /** Its permissions alone. */
  | 'mode'
  | 'delete'
  /** With conflict markers in it. */
  | 'conflict'
  /** What the generator keeps for itself. */
  | 'record';

/** One file that changes. */
export interface Change {
  readonly path: string;
  readonly kind: ChangeKind;
  /** A sentence. */
  readonly reason: string;
  /** What stands on the disk, undefined when nothing does. */
  readonly before: DiskFile | undefined;
  /** What will stand there, undefined when it goes. */
  readonly after: NewFile | undefined;
}

/** What a merge cannot decide. */
export interface Conflict {
  readonly path: string;
  /** `taken`: a new file's path has another file. `binary`: not text, so nothing to merge. */
  readonly kind: 'text' | 'list' | 'json' | 'taken' | 'binary';
  /** A sentence. */
  readonly reason: string;
  /** Where, counted from 1, in the file as the command leaves it. */
  readonly lines: readonly number[];
}

/** What the owner should know of a file, though nothing is in the way. */
export interface Note {
  readonly path: string;
  /**
   * `deleted`: by the owner, stays so. `kept`: edited, so it stays. `gone`: nothing left to take.
   * `imports`: takes something from a file that goes.
   */
  readonly kind: 'deleted' | 'kept' | 'gone' | 'imports';
  /** A sentence. */
  readonly reason: string;
}

/** Three versions of a text, with LF. */
export interface ThreeTexts {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** A merged text; where the two contradict each other, with markers. */
export interface MergedText {
  readonly text: string;
  /** The lines of the markers that begin a conflict, counted from 1. */
  readonly conflicts: readonly number[];
}

/** A merged text, and what its owner should know. */
export interface Merged extends MergedText {
  readonly notes: readonly Omit<Note, 'path'>[];
  /** What can be done by hand about its conflicts, in sentences. */
  readonly advice?: readonly string[];
}

/** Merges three texts, with conflict markers where the two sides contradict each other. */
export type MergeText = (
  base: string,
  ours: string,
  theirs: string,
) => MergedText | Promise<MergedText>;
