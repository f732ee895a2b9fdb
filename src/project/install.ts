import { installCommands } from '../catalog/package-manager.ts';
import type { PackageManager } from '../catalog/questions.ts';
import { precondition } from '../problem.ts';
import { lastLine, run } from './run.ts';

export type InstallOutcome =
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly reason: string; readonly retry: string };

type Step = readonly [program: PackageManager, ...args: string[]];

// --include=dev: with NODE_ENV=production npm would leave out the project's own tools.
const steps: Record<PackageManager, readonly Step[]> = {
  npm: [['npm', 'ci', '--no-audit', '--no-fund', '--include=dev']],
  pnpm: [
    ['pnpm', 'import'],
    ['pnpm', 'install', '--frozen-lockfile', '--prod=false'],
  ],
};

/** @throws Problem (exit code 3) when pnpm is asked for and not there */
export async function requirePackageManager(
  packageManager: PackageManager,
  cwd: string,
  signal: AbortSignal,
): Promise<void> {
  if (packageManager === 'npm') return;
  const version = await run('pnpm', ['--version'], { cwd, signal });
  if (version.ok) return;
  throw precondition(
    'pnpm is not installed: install it (npm install --global pnpm), or give --package-manager npm or --no-install.',
    'no-pnpm',
  );
}

/** Installs what the project's lockfile names. A failure is a result: the project stays. */
export function install(
  packageManager: PackageManager,
  folder: string,
  signal: AbortSignal,
): Promise<InstallOutcome> {
  return runSteps(steps[packageManager], packageManager, { folder, signal });
}

/** Installs what package.json asks for now, into packages that are there already. */
export function bringUpToDate(
  packageManager: PackageManager,
  folder: string,
  signal: AbortSignal,
): Promise<InstallOutcome> {
  const args =
    packageManager === 'npm'
      ? ['--no-audit', '--no-fund', '--include=dev']
      : ['--prod=false', '--no-frozen-lockfile'];
  return runSteps([[packageManager, 'install', ...args]], packageManager, { folder, signal });
}

async function runSteps(
  all: readonly Step[],
  packageManager: PackageManager,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<InstallOutcome> {
  for (const [program, ...args] of all) {
    const result = await run(program, args, { cwd: folder, signal, env: environment() });
    if (result.ok) continue;
    const reason = result.missing ? `${program} is not installed` : reasonOf(result.all);
    return { state: 'failed', reason, retry: installCommands(packageManager).join(' && ') };
  }
  return { state: 'done' };
}

/** What npx and npm create set for themselves would send the install to another folder. */
function environment(): NodeJS.ProcessEnv {
  const theirs =
    /^npm_(lifecycle|package|command|execpath|config_(local_prefix|package|call|yes)$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !theirs.test(name)));
}

/** npm says what went wrong in its first error lines, and where its log is in the last. */
function reasonOf(output: string): string {
  const lines = output.split('\n').filter((line) => /ERR!|ERR_|^npm error/i.test(line));
  const telling = lines.find((line) => !/\b(code|syscall|errno)\b/.test(line)) ?? lines[0];
  return (telling ?? lastLine(output)).replace(/^npm (error|ERR!)\s*/, '').trim();
}
