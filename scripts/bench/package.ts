import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { npm } from '../lib/generate.ts';
import { root } from '../lib/root.ts';
import { type Figure, atMost, count, kilobytes } from './figure.ts';

/** What a user downloads: the size of the packed package, and how many packages come with it. */
export async function measurePackage(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-bench-'));
  try {
    const packed = await npm(root, [
      'pack',
      '--json',
      '--ignore-scripts',
      `--pack-destination=${folder}`,
    ]);
    const [{ filename = '', entryCount = 0 } = {}] = JSON.parse(packed.stdout) as PackedFile[];
    const kB = statSync(join(folder, filename)).size / 1000;

    writeFileSync(join(folder, 'package.json'), '{}');
    await npm(folder, ['install', '--no-audit', '--no-fund', `./${filename}`]);
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const packages = Object.keys(lock.packages).filter((path) => path !== '').length;
    return [
      { ...atMost('packed size', kB, 700, kilobytes), detail: `${entryCount} files` },
      {
        ...atMost('packages installed', packages, 1, count),
        detail: 'by npm install of the packed file',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface PackedFile {
  filename?: string;
  entryCount?: number;
}
