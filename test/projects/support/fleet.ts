// Several processes of one service, behind clients who never stop asking.
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

import { Api, type Answer, type Tokens } from '../../../scripts/lib/api.ts';
import { cleanEnvironment } from '../../../scripts/lib/environment.ts';
import { freePort } from '../../../scripts/lib/port.ts';
import { Program } from '../../../scripts/lib/program.ts';
import type { Project } from './project.ts';

interface Member {
  readonly name: string;
  readonly settings: Record<string, string>;
  program: Program;
  readonly api: Api;
  /** Whether a proxy would send requests to it. */
  open: boolean;
}

export interface Outcome {
  /** Fresh tokens that were shown to some instance. */
  used: number;
  /** Those that it refused. */
  rejected: number;
  /** Answers that should not have come, and lost requests. */
  failed: string[];
}

/** The processes of a service, each with a name and a port of its own. */
export class Fleet {
  readonly members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.members = members;
  }

  /** Starts `size` processes of a project that is prepared, named web-1, web-2, … */
  static async start(
    project: Project,
    settings: Record<string, string>,
    size: number,
  ): Promise<Fleet> {
    const members: Member[] = [];
    for (let index = 1; index <= size; index += 1) {
      const port = await freePort();
      const own = { ...settings, PORT: String(port), INSTANCE_ID: `web-${index}` };
      members.push({
        name: own.INSTANCE_ID,
        settings: own,
        program: startService(project, own),
        api: new Api(`http://127.0.0.1:${port}`),
        open: true,
      });
    }
    const fleet = new Fleet(members);
    await Promise.all(members.map(({ program }) => program.until(/"listening"/)));
    return fleet;
  }

  get names(): string {
    return this.members.map(({ name }) => name).join(',');
  }

  /**
   * Restarts one process after the other, as a deployment does: taken out, stopped, started, back.
   * Each is told to look at its keyring while it starts, as a rotation at the same time would.
   */
  async restartAll(project: Project): Promise<void> {
    for (const member of this.members) {
      member.open = false;
      await delay(100); // what was sent to it is being answered
      await member.program.stop('SIGTERM');
      member.program = startService(project, member.settings);
      await hangUpUntil(member.program.until(/"listening"/), member.program);
      member.open = true;
    }
  }

  /** Has every process look at its keyring now, as `systemctl reload` does. */
  reload(): void {
    for (const { program } of this.members) program.signal('SIGHUP');
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ program }) => program.stop('SIGTERM')));
  }

  /**
   * Clients that get a fresh token from one process and use it at once on another, again and again.
   *
   * @returns stops them and tells what they met
   */
  async load(clients: number): Promise<() => Promise<Outcome>> {
    const outcome: Outcome = { used: 0, rejected: 0, failed: [] };
    const over = new AbortController();
    const users = await Promise.all(Array.from({ length: clients }, () => this.#any().newUser()));
    const running = users.map((tokens) => this.#client(tokens, outcome, over.signal));
    return async () => {
      over.abort();
      await Promise.all(running);
      return outcome;
    };
  }

  async #client(first: Tokens, outcome: Outcome, over: AbortSignal): Promise<void> {
    let tokens = first;
    while (!over.aborted) {
      const { refreshToken: current } = tokens;
      const refreshed = await this.#ask((api) => api.refresh(current));
      const { accessToken, refreshToken } = refreshed.json ?? {};
      if (accessToken === undefined || refreshToken === undefined) {
        outcome.failed.push(`refresh: ${refreshed.status} ${refreshed.text}`);
        return;
      }
      tokens = { accessToken, refreshToken };
      const { status } = await this.#ask((api) => api.me(accessToken));
      outcome.used += 1;
      if (status === 401) outcome.rejected += 1;
      else if (status !== 200) outcome.failed.push(`me: ${status}`);
      await delay(10);
    }
  }

  /** As a proxy does: where a process that stops has closed the connection, it asks another one. */
  async #ask(question: (api: Api) => Promise<Answer>): Promise<Answer> {
    try {
      return await question(this.#any());
    } catch {
      return question(this.#any());
    }
  }

  /** One of those that are open, at random. */
  #any(): Api {
    const open = this.members.filter((member) => member.open);
    const api = open[Math.floor(Math.random() * open.length)]?.api;
    if (api === undefined) throw new Error('No process is open.');
    return api;
  }
}

function startService(project: Project, settings: Record<string, string>): Program {
  return new Program(process.execPath, ['src/main.ts'], {
    cwd: project.folder,
    env: cleanEnvironment(settings),
  });
}

/** Sends SIGHUP again and again, from when it is the service that says what that does. */
async function hangUpUntil(started: Promise<unknown>, program: Program): Promise<void> {
  const over = new AbortController();
  const hangUp = async (): Promise<void> => {
    while (!over.signal.aborted) {
      if (handlesHangUp(program.pid)) program.signal('SIGHUP');
      await delay(5);
    }
  };
  const hangingUp = hangUp();
  try {
    await started;
  } finally {
    over.abort();
    await hangingUp;
  }
}

/** As Linux tells it; where nothing tells, none is sent while a process starts. */
function handlesHangUp(pid: number): boolean {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return false;
  const [, mask = '0'] = /^SigCgt:\s*([\da-f]+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return (BigInt(`0x${mask}`) & 1n) !== 0n;
}
