import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { groupExists, signalGroup, windows } from './process-group.ts';

export interface ProgramOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** What to do with each piece of output as it comes; it is kept in any case. */
  onOutput?: ((text: string) => void) | undefined;
  /** A file descriptor that stdout goes to instead of being kept. */
  stdout?: number;
}

export interface Patience {
  seconds?: number;
  /** Ends the wait early. */
  signal?: AbortSignal;
}

const stopSeconds = 20;

/** A program that runs until it is stopped, in a process group of its own, with its output kept. */
export class Program {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly #exited: Promise<number | null>;
  #output = '';

  /** Starts it; a command that cannot be started at all shows in `exitCode` and in its output. */
  constructor(command: string, args: readonly string[], options: ProgramOptions) {
    this.#command = [command, ...args].join(' ');
    this.#child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
      detached: !windows,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        options.onOutput?.(text);
        this.#child.emit('output');
      });
    }
    this.#exited = new Promise((done) => {
      this.#child.once('error', (error) => {
        this.#output += String(error);
        done(null);
      });
      this.#child.once('close', done);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit code once it and its output have ended; null if a signal ended it. */
  get exitCode(): Promise<number | null> {
    return this.#exited;
  }

  /**
   * Waits until the output matches.
   *
   * @throws Error if the program ends before, or `seconds` go by, with the end of its output
   */
  async until(pattern: RegExp, { seconds = 60, signal }: Patience = {}): Promise<RegExpExecArray> {
    const late = AbortSignal.timeout(seconds * 1000);
    const enough = signal === undefined ? late : AbortSignal.any([late, signal]);
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      if (!this.running) throw this.#unexpected(`ended before it printed ${String(pattern)}`);
      // Whichever does not come first would listen for as long as the program runs.
      const over = new AbortController();
      const either = { signal: AbortSignal.any([enough, over.signal]) };
      const events = [once(this.#child, 'output', either), once(this.#child, 'close', either)];
      try {
        await Promise.race(events);
      } catch (error) {
        if (!late.aborted) throw error;
        throw this.#unexpected(`did not print ${String(pattern)} within ${seconds} s`);
      } finally {
        over.abort();
      }
    }
  }

  /** Sends a signal to the program alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * Asks the whole group to end, and waits until nothing of it is left.
   *
   * @returns the program's exit code; null if a signal ended it
   * @throws Error if something of it was still there after 20 s; that is then killed
   */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    signalGroup(this.pid, signal);
    const deadline = Date.now() + stopSeconds * 1000;
    // No event tells of the end of a grandchild.
    while (groupExists(this.pid) && Date.now() < deadline) await pause(20);
    if (!groupExists(this.pid)) return this.#exited;
    signalGroup(this.pid, 'SIGKILL');
    await this.#exited;
    throw this.#unexpected(`was still running ${stopSeconds} s after ${signal}`);
  }

  #unexpected(what: string): Error {
    const end = this.#output.trimEnd().split('\n').slice(-30).join('\n');
    return new Error(`\`${this.#command}\` ${what}. The end of its output:\n${end}`);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, milliseconds);
  });
}
