import type { PackageManager } from './questions.ts';

/** What runs a script of a project: `npm run` or `pnpm`. */
export function scriptRunner(packageManager: PackageManager): string {
  return packageManager === 'npm' ? 'npm run' : 'pnpm';
}

/** The commands with which the user installs by hand what was not installed. */
export function installCommands(packageManager: PackageManager): string[] {
  return packageManager === 'npm' ? ['npm ci'] : ['pnpm import', 'pnpm install'];
}
