import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const tops = ['src', 'test', 'dev', 'migrations'];

/** The files in the folders in which a project's code lies. */
export function sourceFiles(folder: string): string[] {
  return tops
    .filter((top) => existsSync(path.join(folder, top)))
    .flatMap((top) => filesIn(folder, top));
}

/** All files below a folder of a project, by their paths in the project. */
export function filesIn(folder: string, below: string): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const file = `${below}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(folder, file);
    return entry.isFile() ? [file] : [];
  });
}
