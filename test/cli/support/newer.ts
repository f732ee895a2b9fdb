import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { root } from '../../../scripts/lib/root.ts';
import { edit, write } from './changed.ts';

/**
 * Builds the next version of the package in a folder: its templates have a file more and a file
 * less, and change texts and a script.
 */
export function buildNewer(folder: string): void {
  for (const entry of ['bin', 'src', 'scripts', 'templates', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, entry), join(folder, entry), {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  edit(folder, 'package.json', (text) => text.replace('"version": "0.1.0"', '"version": "0.2.0"'));
  const notes = '# Changelog\n\n## 0.2.0\n\n- Answers more kindly.\n\n## 0.1.1\n\n- Between.\n\n';
  write(folder, 'CHANGELOG.md', `${notes}## 0.1.0\n\nThe first version.\n`);
  const base = 'templates/base';
  edit(folder, `${base}/src/log-error.ts`, (text) => `// Newer.\n${text}`);
  write(folder, `${base}/src/newer.ts`, 'export const newer = true;\n');
  edit(folder, `${base}/package.json`, (text) =>
    text.replace('"db:seed"', '"newer": "node src/newer.ts",\n    "db:seed"'),
  );
  edit(folder, `${base}/src/domains/auth/account/routes.ts`, (text) =>
    text.replace("summary: 'Register a user'", "summary: 'Register a new user'"),
  );
  rmSync(join(folder, base, 'test', 'route.test.ts'));
  execaSync(process.execPath, [join(folder, 'scripts', 'build.ts'), '--draft'], { cwd: folder });
}
