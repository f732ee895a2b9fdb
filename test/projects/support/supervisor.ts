// What systemd does for a server's units, of which it reads the files: enough for a deployment, in a
// scratch root, without root's rights. nginx is the real one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';

interface Unit {
  child?: ChildProcess | undefined;
  /** Whether it is to run, and so is started again where it ends. */
  wanted: boolean;
  log: string;
  /** What is done with it, one after the other. */
  turn: Promise<unknown>;
}

type Settings = ReadonlyMap<string, readonly string[]>;

export class Supervisor {
  /** The program that stands in for systemctl: `SERVICE_CONTROL`. */
  readonly program: string;
  readonly #root: string;
  readonly #units = new Map<string, Unit>();
  readonly #reloads = new Map<string, () => Promise<void>>();
  readonly #server: Server;

  private constructor(root: string, program: string, server: Server) {
    this.#root = root;
    this.program = program;
    this.#server = server;
  }

  /** @param root the folder that is the server's `/` */
  static async start(root: string): Promise<Supervisor> {
    const socket = join(root, 'supervisor.socket');
    const program = join(root, 'service-control');
    const curl = `curl --silent --show-error --fail-with-body --unix-socket '${socket}'`;
    const lines = ['#!/bin/sh', `printf '%s\\n' "$@" | ${curl} --data-binary @- http://localhost/`];
    writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
    const server = createServer();
    const supervisor = new Supervisor(root, program, server);
    server.on('request', (request, response) => {
      const answer = async (): Promise<void> => {
        const words = (await text(request)).trim().split('\n');
        const problem = await supervisor.#control(words).catch(String);
        response.writeHead(problem === undefined ? 200 : 409).end(problem && `${problem}\n`);
      };
      void answer();
    });
    server.listen(socket);
    await once(server, 'listening');
    return supervisor;
  }

  /** Says what `reload` does for a unit that is not one of the project's. */
  onReload(unit: string, reload: () => Promise<void>): void {
    this.#reloads.set(unit, reload);
  }

  /** Everything that a unit has printed. */
  logOf(name: string): string {
    return this.#units.get(name)?.log ?? '';
  }

  /** The folders in which the running units work. */
  folders(): Map<string, string> {
    const running = [...this.#units].filter(([, { child }]) => isRunning(child));
    return new Map(
      running.map(([name, { child }]) => [name, realpathSync(`/proc/${child?.pid}/cwd`)]),
    );
  }

  /** Ends every unit. */
  async stop(): Promise<void> {
    await Promise.all([...this.#units.keys()].map((name) => this.#stop(name)));
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** @returns why it failed, or nothing */
  async #control(words: readonly string[]): Promise<string | undefined> {
    const [verb, ...rest] = words;
    const name = rest.find((word) => !word.startsWith('--')) ?? '';
    switch (verb) {
      case 'daemon-reload':
      case 'enable':
        return undefined;
      case 'is-active':
        return isRunning(this.#units.get(name)?.child) ? undefined : 'inactive';
      case 'stop':
        return this.#inTurn(name, () => this.#stop(name));
      case 'start':
        return this.#inTurn(name, () => this.#start(name));
      case 'restart':
        return this.#inTurn(name, async () => {
          await this.#stop(name);
          return this.#start(name);
        });
      case 'reload':
        await this.#reloads.get(name)?.();
        return undefined;
      default:
        return `Unknown: ${words.join(' ')}`;
    }
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const unit = this.#unit(name);
    const result = unit.turn.then(work);
    unit.turn = result.catch(() => undefined);
    return result;
  }

  #unit(name: string): Unit {
    const known = this.#units.get(name);
    if (known !== undefined) return known;
    const unit: Unit = { wanted: false, log: '', turn: Promise.resolve() };
    this.#units.set(name, unit);
    return unit;
  }

  async #start(name: string): Promise<string | undefined> {
    const settings = this.#read(name);
    const unit = this.#unit(name);
    if (isRunning(unit.child)) return undefined;
    const isOneshot = last(settings, 'Type') === 'oneshot';
    unit.wanted = !isOneshot;
    const child = this.#spawn(name, settings);
    unit.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        unit.log += piece;
      });
    }
    if (!isOneshot) {
      child.once('exit', () => {
        if (unit.wanted && unit.child === child) setTimeout(() => this.#again(name, child), 1000);
      });
      return undefined;
    }
    await once(child, 'exit');
    return child.exitCode === 0 ? undefined : `${name} failed`;
  }

  #again(name: string, ended: ChildProcess): void {
    const unit = this.#unit(name);
    void this.#inTurn(name, async () => {
      if (unit.wanted && unit.child === ended) await this.#start(name);
    });
  }

  async #stop(name: string): Promise<undefined> {
    const unit = this.#unit(name);
    unit.wanted = false;
    const { child } = unit;
    if (child === undefined || !isRunning(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 40_000);
    await exited;
    clearTimeout(timer);
  }

  #spawn(name: string, settings: Settings): ChildProcess {
    const [program = '', ...args] = (last(settings, 'ExecStart') ?? '').split(' ');
    const files = all(settings, 'EnvironmentFile').flatMap((file) =>
      readFileSync(this.#at(file), 'utf8').trim().split('\n'),
    );
    const own = all(settings, 'Environment').flatMap((line) => line.split(' '));
    const variables = [...own, ...files].map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).replace(/^"(.*)"$/, '$1')];
    });
    return spawn(this.#at(program), args, {
      cwd: this.#at(last(settings, 'WorkingDirectory') ?? '/'),
      env: {
        PATH: process.env['PATH'],
        ...Object.fromEntries(variables),
        CREDENTIALS_DIRECTORY: this.#credentials(name, settings),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** A folder with a copy of each, for this unit alone (systemd.exec(5), LoadCredential=). */
  #credentials(name: string, settings: Settings): string {
    const folder = this.#at(`/run/credentials/${name}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const line of all(settings, 'LoadCredential')) {
      const at = line.indexOf(':');
      const file = this.#at(line.slice(at + 1));
      if (existsSync(file)) copyFileSync(file, join(folder, line.slice(0, at)));
    }
    return folder;
  }

  /** The settings of a unit's file and its drop-ins, in their order. */
  #read(name: string): Settings {
    const [, prefix = '', instance = ''] = /^(.*@)(.*)\.service$/.exec(name) ?? [];
    const file = this.#at(`/etc/systemd/system/${prefix === '' ? name : `${prefix}.service`}`);
    const settings = new Map<string, string[]>();
    for (const each of [file, ...globSync(this.#at(`/etc/systemd/system/${name}.d/*.conf`))]) {
      for (const line of readFileSync(each, 'utf8').split('\n')) {
        const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
        if (key === undefined || value === undefined) continue;
        settings.set(key, [...(settings.get(key) ?? []), value.replaceAll('%i', instance)]);
      }
    }
    return settings;
  }

  #at(path: string): string {
    return join(this.#root, path);
  }
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

function all(settings: Settings, key: string): readonly string[] {
  return settings.get(key) ?? [];
}

function last(settings: Settings, key: string): string | undefined {
  return all(settings, key).at(-1);
}
