// A server in a folder, as provision.sh leaves one, and a project that is deployed to it.
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { inject } from 'vitest';

import { query } from '../../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../../scripts/lib/environment.ts';
import { npmCommand } from '../../../scripts/lib/npm.js';
import { freePort } from '../../../scripts/lib/port.ts';
import { production } from '../../../scripts/lib/production.ts';
import { Program } from '../../../scripts/lib/program.ts';
import { Front } from './front.ts';
import { emptyDatabase } from './project.ts';
import { generateDeployed } from './generate-deployed.ts';
import { Supervisor } from './supervisor.ts';

export const domain = 'app.example.com';

/** Seconds that an instance has to get ready in these tests, on a machine with much else to do. */
const healthSeconds = 120;

export class ScratchServer {
  /** The server's `/`. */
  readonly root: string;
  /** The project's own folder, a git repository. */
  readonly project: string;
  readonly front: Front;
  readonly supervisor: Supervisor;

  private constructor(parts: Omit<ScratchServer, 'app'> & object) {
    this.root = parts.root;
    this.project = parts.project;
    this.front = parts.front;
    this.supervisor = parts.supervisor;
  }

  /** @param mailUrl the server that takes mails; none does where nothing is said */
  static async make(
    features: readonly string[],
    mailUrl: string = production.SMTP_URL,
  ): Promise<ScratchServer> {
    const root = mkdtempSync(join(inject('workshop'), 'server-'));
    const project = await generateDeployed(features);
    await useFreePorts(project);
    await commit(project, 'Begin');
    await provision(root, mailUrl);
    const front = await Front.make(root, domain);
    const supervisor = await Supervisor.start(root);
    supervisor.onReload('nginx.service', () => front.reload());
    return new ScratchServer({ root, project, front, supervisor } as ScratchServer);
  }

  /** The folder of the app on the server. */
  get app(): string {
    return join(this.root, 'srv/my-app');
  }

  /** Runs one of the project's scripts, in a process group of its own. */
  script(name: string, ...args: string[]): Program {
    const env = cleanEnvironment({
      ROOT_PREFIX: this.root,
      SERVICE_CONTROL: this.supervisor.program,
      npm_config_prefer_offline: 'true',
      PATH: `${this.front.bin}:${process.env['PATH']}`,
    });
    const file = join(this.project, 'deploy/vps', name);
    return new Program('bash', [file, ...args], { cwd: this.root, env });
  }

  /** @throws Error with its output where it does not end with the exit code */
  async run(exitCode: number, name: string, ...args: string[]): Promise<string> {
    const program = this.script(name, ...args);
    const code = await program.exitCode;
    if (code === exitCode) return program.output;
    const units = ['web@1', 'web@2', 'worker'].map((unit) => `my-app-${unit}.service`);
    const ends = units.map((unit) => {
      const lines = this.supervisor.logOf(unit).split('\n');
      const telling = lines.filter((line) => !line.includes('"msg":"request"'));
      return [unit, ...telling.slice(-8)].join('\n');
    });
    throw new Error(
      [`${name} ended with ${code}, not ${exitCode}:`, program.output, ...ends].join('\n'),
    );
  }

  /** Commits a change of a file to the project. */
  async change(file: string, edit: (text: string) => string): Promise<void> {
    const path = join(this.project, file);
    writeFileSync(path, edit(readFileSync(path, 'utf8')));
    await commit(this.project, `Change ${file}`);
  }

  /** Takes the last commit back. */
  async undo(): Promise<void> {
    await git(this.project, 'reset', '--quiet', '--hard', 'HEAD~1');
  }

  /** The release that is in service. */
  get current(): string {
    return basename(readlinkSync(join(this.app, 'current')));
  }

  /** The releases that the running units are of. */
  get running(): Record<string, string> {
    const units = [...this.supervisor.folders()].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(units.map(([unit, folder]) => [unit, basename(folder)]));
  }

  /** What the web's instances have logged. */
  logLines(): Record<string, unknown>[] {
    return [1, 2].flatMap((instance) =>
      this.supervisor
        .logOf(`my-app-web@${instance}.service`)
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    );
  }

  async stop(): Promise<void> {
    await this.supervisor.stop();
    await this.front.stop();
  }
}

/**
 * A port that is free, and that no connection is given meanwhile as its own: an instance that is
 * restarted needs it again (the ports below are nobody's, ip(7), ip_local_port_range).
 */
async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    if ((await freePort(port)) === port) return port;
  }
}

async function useFreePorts(project: string): Promise<void> {
  const file = join(project, 'deploy/vps/settings.env');
  const settings = readFileSync(file, 'utf8')
    .replace(/^PORTS=.*$/m, `PORTS="${await lastingPort()} ${await lastingPort()}"`)
    .replace(/^WORKER_PORT=.*$/m, `WORKER_PORT=${await lastingPort()}`)
    .replace(/^METRICS_PORT=.*$/m, 'METRICS_PORT=')
    .replace(/^HEALTH_SECONDS=.*$/m, `HEALTH_SECONDS=${healthSeconds}`);
  writeFileSync(file, settings);
}

/** Node.js, folders, settings and secrets; the database with the app's own user beside the owner. */
async function provision(root: string, mailUrl: string): Promise<void> {
  const bin = join(root, 'opt/node-24/bin');
  const credentials = join(root, 'etc/my-app/credentials');
  for (const folder of [bin, credentials, join(root, 'run/my-app')]) {
    mkdirSync(folder, { recursive: true });
  }
  mkdirSync(join(root, 'srv/my-app/shared'), { recursive: true, mode: 0o700 });
  writeProgram(join(bin, 'node'), process.execPath);
  const npm = npmCommand(process.execPath, []);
  const { stdout: found } = await execa('sh', ['-c', 'command -v "$0"', npm.command]);
  writeNpm(join(bin, 'npm'), [found, ...npm.args]);

  const owner = new URL(await emptyDatabase(inject('serverUrl')));
  const app = new URL(owner);
  app.username = `app_${randomBytes(4).toString('hex')}`;
  app.password = randomBytes(16).toString('hex');
  const user = `'${app.username}'@'%'`;
  await query(owner.href, `CREATE USER ${user} IDENTIFIED BY '${app.password}'`);
  const secrets = {
    DATABASE_URL: app.href,
    MIGRATION_DATABASE_URL: owner.href,
    REDIS_URL: inject('redisUrl'),
    SMTP_URL: mailUrl,
    STRIPE_SECRET_KEY: production.STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRETS: production.STRIPE_WEBHOOK_SECRETS,
  };
  for (const [name, value] of Object.entries(secrets)) {
    writeFileSync(join(credentials, name), `${value}\n`, { mode: 0o600 });
  }
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const settings = [`MAIL_FROM="${production.MAIL_FROM}"`, `REDIS_PREFIX=${prefix}`];
  writeFileSync(join(root, 'etc/my-app/environment'), `${settings.join('\n')}\n`);
}

/**
 * npm, but the same packages are installed once, and the next release gets the same files by hard
 * links.
 */
function writeNpm(file: string, command: readonly string[]): void {
  const words = command.map((word) => `'${word}'`).join(' ');
  const lines = [
    '#!/bin/bash',
    'set -e',
    `store='${inject('workshop')}'/production-$(sha256sum package-lock.json | cut -c1-16)`,
    'if [ "$1" = ci ] && [ -d "$store" ]; then exec cp -al "$store" node_modules; fi',
    `${words} "$@"`,
    'if [ "$1" = ci ]; then cp -al node_modules "$store.$$" && mv -T "$store.$$" "$store"; fi',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o755 });
}

function writeProgram(file: string, command: string): void {
  writeFileSync(file, `#!/bin/sh\nexec '${command}' "$@"\n`, { mode: 0o755 });
}

async function commit(folder: string, message: string): Promise<void> {
  await git(folder, 'init', '--quiet');
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', message);
}

async function git(folder: string, ...args: string[]): Promise<void> {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  await execa('git', [...who, ...args], { cwd: folder, env: cleanEnvironment(), extendEnv: false });
}
