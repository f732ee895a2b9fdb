import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { generate } from '../lib/generate.ts';
import { root } from '../lib/root.ts';

/** A project that finds its packages in this repository, for what is measured in this process. */
export interface LinkedProject {
  /** Loads modules of its `src`. @returns all that they export */
  load: (files: readonly string[]) => Promise<object>;
}

/** Makes one with these features, has it measured, and leaves nothing of it behind. */
export async function withLinkedProject<Result>(
  features: readonly string[],
  measure: (project: LinkedProject) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-bench-'));
  try {
    const project = join(folder, 'app');
    await generate(project, { tier: 'starter', features, packageManager: 'npm' });
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
    return await measure({
      async load(files) {
        const loaded = files.map((file): Promise<object> => {
          return import(pathToFileURL(join(project, 'src', file)).href);
        });
        return Object.assign({}, ...(await Promise.all(loaded))) as object;
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
