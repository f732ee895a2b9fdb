import type { Change, ChangeKind, Disk, Note } from '../merge/change.ts';
import type { Entry } from '../render/tree.ts';
import { bytesOf, inFormOf, sameText, textFile } from '../merge/text.ts';

/** What a command is going to write: the merge's changes, and what follows from them. */
export class Plan {
  readonly #changes: Map<string, Change>;
  #notes: readonly Note[];
  readonly #disk: Disk;

  constructor(disk: Disk, changes: readonly Change[], notes: readonly Note[]) {
    this.#disk = disk;
    this.#changes = new Map(changes.map((change) => [change.path, change]));
    this.#notes = notes;
  }

  /** All changes, in the order of their paths. */
  get changes(): Change[] {
    return [...this.#changes.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** The text of a file as it stands; undefined where there is none. */
  textBefore(path: string): string | undefined {
    return textFile(this.#disk(path)?.content ?? '\0')?.text;
  }

  /** The text of a file as it will be; undefined where there will be none. */
  textAfter(path: string): string | undefined {
    const change = this.#changes.get(path);
    if (change === undefined) return this.textBefore(path);
    return textFile(change.after?.content ?? '\0')?.text;
  }

  /** Makes a file say this, in the form in which it stands. */
  put(path: string, text: string, reason: string): void {
    const planned = this.#changes.get(path);
    const before = this.#disk(path);
    if (before !== undefined && sameText(before.content, text)) {
      this.#changes.delete(path);
      return;
    }
    const form = before && textFile(before.content);
    const content = form ? inFormOf(form, text) : new TextEncoder().encode(text);
    const mode = planned?.after?.mode ?? (before ? undefined : 0o644);
    const after = mode === undefined ? { content } : { content, mode };
    const kind: ChangeKind = planned?.kind ?? (before ? 'replace' : 'create');
    this.#changes.set(path, { path, kind, reason: planned?.reason ?? reason, before, after });
  }

  /** Writes what the generator keeps for itself. */
  record(path: string, entry: Entry | undefined): void {
    if (entry === undefined) return;
    const content = bytesOf(entry.content);
    const before = this.#disk(path);
    if (before !== undefined && Buffer.compare(before.content, content) === 0) return;
    const reason = `${path} is what shipkit remembers of this project.`;
    const after = before === undefined ? { content, mode: entry.mode } : { content };
    this.#changes.set(path, { path, kind: 'record', reason, before, after });
  }

  /** Takes a file away, whoever edited it; `reason` says where its content is now. */
  remove(path: string, reason: string): void {
    this.#notes = this.#notes.filter((note) => note.path !== path);
    this.#changes.delete(path);
    const before = this.#disk(path);
    if (before === undefined) return;
    this.#changes.set(path, { path, kind: 'delete', reason, before, after: undefined });
  }
}
