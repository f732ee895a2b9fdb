import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { inject } from 'vitest';

import { cleanEnvironment } from '../../../scripts/lib/environment.ts';
import { offeredFeatures } from '../../../scripts/lib/generate.ts';
import { root } from '../../../scripts/lib/root.ts';

/**
 * Generates the project `my-app` with exactly these features beside `deploy`, for a server.
 *
 * @returns its folder; nothing is installed
 */
export async function generateDeployed(
  features: readonly string[],
  deploy?: object,
): Promise<string> {
  const workshop = mkdtempSync(join(inject('workshop'), 'deployed-'));
  const wanted = [...features, 'deploy'];
  const config = {
    name: 'my-app',
    features: wanted,
    without: offeredFeatures().filter((name) => !wanted.includes(name)),
    deploy: deploy ?? { domain: 'app.example.com', vps: {} },
    git: false,
    install: false,
  };
  const file = join(workshop, 'answers.json');
  writeFileSync(file, JSON.stringify(config));
  const command = join(root, 'bin', 'create-shipkit.js');
  await execa(process.execPath, [command, 'my-app', '--config', file, '--yes'], {
    cwd: workshop,
    env: cleanEnvironment(),
    extendEnv: false,
  });
  return join(workshop, 'my-app');
}
