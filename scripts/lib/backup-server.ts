// A database server with a binlog, and a folder as if it were the root of a server whose scripts back
// it up: for tests and measurements of those.
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { pathWithBackupTools } from './backup-tools.ts';
import { query } from './database.ts';
import { cleanEnvironment } from './environment.ts';
import { freePort } from './port.ts';
import { Program } from './program.ts';
import { root } from './root.ts';

const user = process.getuid?.() === 0 ? ['--user=root'] : [];

export interface Options {
  /** Where everything of it lies; a short path, for that of a socket is. */
  readonly folder: string;
  /** Options of mariadbd beside the usual ones. */
  readonly options?: readonly string[];
}

/** A machine with a database `app`, its users `app` and `app_owner`, and the scripts of deploy/vps. */
export class BackupServer {
  readonly folder: string;
  readonly backups: string;
  readonly scripts: string;
  readonly config: string;
  readonly #options: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #port = 0;
  #program: Program | undefined;

  /** Makes one that runs, and is not backed up yet. */
  static async start(options: Options): Promise<BackupServer> {
    const env = cleanEnvironment({
      PATH: await pathWithBackupTools(),
      ROOT_PREFIX: options.folder,
    });
    const server = new BackupServer(options, env);
    await server.#prepare();
    await server.boot();
    await server.sql(
      'CREATE DATABASE app CHARACTER SET utf8mb4',
      "CREATE USER 'app'@'localhost' IDENTIFIED BY 'app'",
      "CREATE USER 'app_owner'@'localhost' IDENTIFIED BY 'owner'",
      "GRANT ALL ON app.* TO 'app_owner'@'localhost' WITH GRANT OPTION",
      // As provision.sh makes it.
      "CREATE USER 'app_backup'@'localhost' IDENTIFIED BY 'backup'",
      "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON app.* TO 'app_backup'@'localhost'",
      "GRANT SELECT ON mysql.* TO 'app_backup'@'localhost'",
      "GRANT RELOAD, BINLOG MONITOR, REPLICATION SLAVE ON *.* TO 'app_backup'@'localhost'",
    );
    return server;
  }

  constructor({ folder, options = [] }: Options, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#options = options;
    this.#env = env;
    this.backups = join(folder, 'var/lib/app-backup');
    this.scripts = join(folder, 'deploy/vps');
    this.config = join(folder, 'etc/app');
  }

  /** Of a user who may do everything. */
  get url(): string {
    return `mysql://root@127.0.0.1:${this.#port}/`;
  }

  /** The option file by which the server's administrator reaches it. */
  get administrator(): string {
    return join(this.folder, 'administrator.cnf');
  }

  sql(...statements: string[]): Promise<Record<string, unknown>[]> {
    return query(this.url, ...statements);
  }

  /** In the database `app`. */
  app(...statements: string[]): Promise<Record<string, unknown>[]> {
    return query(`${this.url}app`, ...statements);
  }

  /** Starts it where it was killed. */
  async boot(): Promise<void> {
    this.#program = new Program('mariadbd', this.#arguments(), {
      cwd: this.folder,
      env: this.#env,
    });
    await this.#program.until(/ready for connections/);
  }

  async kill(): Promise<void> {
    await this.#program?.stop('SIGKILL');
  }

  /** Kills it and begins with an empty server, as after the loss of a disk. */
  async loseData(): Promise<void> {
    await this.kill();
    await this.run('rm', '-rf', join(this.folder, 'data'));
    await this.#install();
    await this.boot();
  }

  /** Runs one of the scripts. Takes every exit code. */
  async script(name: string, ...args: string[]) {
    return execa('bash', [join(this.scripts, name), ...args], {
      env: this.#env,
      extendEnv: false,
      reject: false,
      all: true,
    });
  }

  /** @throws Error with its output if it failed */
  async run(program: string, ...args: string[]): Promise<string> {
    const { stdout } = await execa(program, args, { env: this.#env, extendEnv: false });
    return stdout;
  }

  async #prepare(): Promise<void> {
    for (const path of ['etc/app/backup', 'etc/app/credentials', 'srv/app/shared', 'tmp']) {
      mkdirSync(join(this.folder, path), { recursive: true });
    }
    cpSync(join(root, 'templates/deploy/vps/deploy/vps'), this.scripts, { recursive: true });
    writeFileSync(
      join(this.scripts, 'settings.env'),
      'APP_NAME=app\nAPP_USER=app\nAPP_PATH=/srv/app\nNODE_HOME=/opt/node\nDATABASE=local\n',
    );
    this.#port = await freePort();
    writeFileSync(this.administrator, `[client]\nuser=root\nsocket=${this.#socket}\n`);
    writeFileSync(
      join(this.config, 'backup/client.cnf'),
      `[client]\nuser=app_backup\npassword=backup\nsocket=${this.#socket}\n[mysql]\ndatabase=app\n`,
    );
    const identity = join(this.config, 'backup/identity');
    await this.run('age-keygen', '-o', identity);
    writeFileSync(
      join(this.config, 'backup/recipient'),
      await this.run('age-keygen', '-y', identity),
    );
    chmodSync(join(this.config, 'backup'), 0o700);
    await this.#install();
  }

  async #install(): Promise<void> {
    const data = `--datadir=${join(this.folder, 'data')}`;
    const args = ['--no-defaults', ...user, data, '--skip-test-db', '--force'];
    await this.run('mariadb-install-db', ...args, '--auth-root-authentication-method=normal');
  }

  get #socket(): string {
    return join(this.folder, 's');
  }

  #arguments(): string[] {
    return [
      '--no-defaults',
      ...user,
      `--datadir=${join(this.folder, 'data')}`,
      `--tmpdir=${join(this.folder, 'tmp')}`,
      `--socket=${this.#socket}`,
      `--port=${this.#port}`,
      '--bind-address=127.0.0.1',
      '--character-set-server=utf8mb4',
      '--log-bin=mysql-bin',
      '--binlog-format=ROW',
      `--server-id=${this.#port}`,
      ...this.#options,
    ];
  }
}
