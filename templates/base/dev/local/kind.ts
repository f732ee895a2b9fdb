// What is told of a kind of server so that a project can have a private one of it.
import type { ServerRecord } from './record.ts';

export interface ServerKind {
  /** Its name in the list of servers; its folder in .shipkit/local and its export have it too. */
  readonly name: string;
  /** The URL of the module that exports it. */
  readonly module: string;
  /** What people call one: `database server`. */
  readonly noun: string;
  /** The app's variables that take the URL of one. Tests look at the first, with `TEST_` before it. */
  readonly variables: readonly [string, ...string[]];
  /** The commands that install one, by system. */
  readonly install: Readonly<Record<'darwin' | 'win32' | 'apt' | 'other', string>>;
  readonly programs: ProgramPlaces;
  readonly packages: Packages;
  readonly image: Image;

  /** How the app reaches it. */
  url(record: ServerRecord): string;
  /** Why it does not let the app in; nothing where it does. */
  refusal(record: ServerRecord): Promise<string | undefined>;
  /** Asks it to end, over a connection. @returns whether it took that */
  askToEnd(record: ServerRecord): Promise<boolean>;

  /** Makes what it needs on disk. @returns what removes that again if it then does not start */
  prepare?(
    instance: Instance,
    program: Program,
    signal: AbortSignal | undefined,
  ): Promise<(() => void) | undefined>;
  /**
   * The arguments of its process, which runs in its own folder.
   *
   * @param permit a file there. The server has to end by itself where that is missing when its
   *   standard input has ended, or later
   */
  arguments(instance: Instance, program: Program, permit: string): string[];
  /** What the permit says: what must not be among the arguments, for one, which everybody can read. */
  permit(record: ServerRecord): string;
}

/** One private server. */
export interface Instance {
  readonly kind: ServerKind;
  /** Where everything about it lies. */
  readonly home: string;
  readonly record: ServerRecord;
}

/** A program that can be the server. */
export interface Program {
  /** Who made it: what a server of one make has stored, no other can read. */
  make: string;
  /** What a person knows it by: make, version and path. */
  label: string;
  server: string;
  /** What makes its data, where it does not do that by itself. */
  installer?: string | undefined;
  /** Options that it needs because it does not lie where it was built for. */
  options: string[];
  env: NodeJS.ProcessEnv;
}

/** Where its programs are found on a machine. */
export interface ProgramPlaces {
  /** What they are called, without `.exe`. */
  readonly files: readonly string[];
  /** Where else than in PATH and the system's folders they are, as patterns. */
  readonly unixFolders: readonly string[];
  /** The same below the folder of programs of Windows. */
  readonly windowsFolders: readonly string[];
  /** The arguments with which one says its version. */
  readonly version: readonly string[];
  /** Who made it, by what it said. */
  makeOf(said: string): string;
  /** The oldest version of each make that will do: its first two numbers. */
  readonly oldest: Readonly<Record<string, readonly [number, number]>>;
  /** What makes the data of such a server. @throws where it is not beside it */
  installerOf?(make: string, server: string): string | undefined;
}

/** The packages of Debian and Ubuntu that it comes in. */
export interface Packages {
  readonly make: string;
  /** How much is fetched: `about 20 MB`. */
  readonly size: string;
  /** Their names, in this release of the system and in others; the first set to be had counts. */
  readonly sets: readonly (readonly string[])[];
  /** The servers in them, by their paths. */
  readonly servers: readonly string[];
  /** Options for a server that lies in this folder, as if that were `/`. */
  readonly options: (folder: string) => string[];
}

/** The image that it comes in for Docker. */
export interface Image {
  readonly name: string;
  readonly size: string;
  /** The port that it listens on in there. */
  readonly port: number;
  /** The folder of what it stores, where that is to outlive it. */
  readonly data?: string;
  readonly command: readonly string[];
  /** Its environment, which only those see who may use this machine's Docker. */
  variables(record: ServerRecord): Record<string, string>;
  /** What is run in it as soon as it takes that: a program, and its input. */
  enter?(record: ServerRecord): { program: string; input: string };
}
