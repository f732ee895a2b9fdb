// A real nginx in a scratch root, with the site that the project's own scripts have put there.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

import { packages } from '../../../scripts/lib/packages.ts';
import { freePort } from '../../../scripts/lib/port.ts';
import { Program } from '../../../scripts/lib/program.ts';
import { packageEnvironment } from '../../../templates/base/dev/local/packages.ts';

export interface Ports {
  readonly http: number;
  readonly https: number;
}

/** nginx of this machine's distribution; a folder with a program `nginx` for scripts, on scratch files. */
export class Front {
  readonly ports: Ports;
  readonly #root: string;
  readonly #nginx: string;
  readonly #env: NodeJS.ProcessEnv;
  #program: Program | undefined;

  private constructor(root: string, ports: Ports, packed: string) {
    this.#root = root;
    this.ports = ports;
    this.#nginx = join(packed, 'usr/sbin/nginx');
    this.#env = packageEnvironment(packed);
  }

  /** @param root the folder that is the server's `/` */
  static async make(root: string, domain: string): Promise<Front> {
    const ports = { http: await freePort(), https: await freePort() };
    const front = new Front(root, ports, await packages('nginx'));
    mkdirSync(join(root, 'etc/nginx/conf.d'), { recursive: true });
    mkdirSync(join(root, 'nginx'));
    writeFileSync(join(root, 'etc/nginx/nginx.conf'), mainConfig());
    await makeCertificate(join(root, 'etc/letsencrypt/live', domain), domain);
    front.#writePrograms();
    return front;
  }

  /** Where scripts find the program: to be put into PATH. */
  get bin(): string {
    return join(this.#root, 'nginx/bin');
  }

  /** Has nginx take the site as it is now, and starts it the first time. */
  async reload(): Promise<void> {
    await execa(join(this.bin, 'translate'), [join(this.#root, 'nginx/conf')]);
    if (this.#program !== undefined) {
      this.#program.signal('SIGHUP');
      return;
    }
    this.#program = new Program(
      this.#nginx,
      ['-p', join(this.#root, 'nginx'), '-c', 'conf/nginx.conf'],
      {
        cwd: this.#root,
        env: this.#env,
      },
    );
    while (!(await listens(this.ports.https))) {
      if (!this.#program.running) throw new Error(`nginx ended: ${this.#program.output}`);
      await delay(20);
    }
  }

  async stop(): Promise<void> {
    await this.#program?.stop('SIGTERM');
  }

  /** Whether nginx takes what scripts have written; what it says. */
  async check(): Promise<string> {
    const { all } = await execa(join(this.bin, 'nginx'), ['-t', '-q'], {
      all: true,
      reject: false,
    });
    return all;
  }

  /**
   * Scripts' nginx looks at the same files as the one that runs: on ports of loopback that are free,
   * with the folders of this root.
   */
  #writePrograms(): void {
    const folder = join(this.#root, 'nginx');
    const edits = [
      '/^ *listen \\[::\\]/d',
      `s#listen 80\\b#listen 127.0.0.1:${this.ports.http}#`,
      `s#listen 443\\b#listen 127.0.0.1:${this.ports.https}#`,
      `s# (/(etc|run|var)/)# ${this.#root}\\1#g`,
      // This machine is all clients of a test: together they may do what each may elsewhere.
      's#rate=50r/s#rate=1000r/s#',
    ].map((edit) => `-e '${edit}'`);
    const translate = [
      'rm -rf "$1"',
      `cp -r '${this.#root}/etc/nginx' "$1"`,
      `find "$1" -name '*.conf' -exec sed -i -E ${edits.join(' ')} {} +`,
    ];
    const nginx = [
      `export LD_LIBRARY_PATH='${this.#env['LD_LIBRARY_PATH'] ?? ''}'`,
      `[ "$1" = -t ] || exec '${this.#nginx}' "$@"`,
      `'${this.bin}/translate' '${folder}/check'`,
      `exec '${this.#nginx}' "$@" -p '${folder}' -c check/nginx.conf`,
    ];
    mkdirSync(this.bin, { recursive: true });
    for (const [name, lines] of Object.entries({ translate, nginx })) {
      const text = ['#!/bin/bash', 'set -e', ...lines, ''].join('\n');
      writeFileSync(join(this.bin, name), text, { mode: 0o755 });
    }
  }
}

function mainConfig(): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path temp-${kind};`,
  );
  return `${user}
daemon off;
worker_processes 2;
pid nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  include conf.d/*.conf;
}
`;
}

async function makeCertificate(folder: string, domain: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const key = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', `/CN=${domain}`, '-addext', `subjectAltName=DNS:${domain}`];
  await execa('openssl', ['req', '-x509', ...kind, ...key, ...names]);
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
