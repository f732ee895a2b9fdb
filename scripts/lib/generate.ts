import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { catalog, offeredIn } from '../../src/catalog/features.ts';
import { cleanEnvironment } from './environment.ts';
import { npmCommand } from './npm.js';
import { root } from './root.ts';

export interface Choice {
  tier: 'starter' | 'professional';
  /** Exactly these, whatever the tier brings. */
  features: readonly string[];
  packageManager: 'npm' | 'pnpm';
}

/** Every feature that can be had today. */
export function offeredFeatures(): string[] {
  return offeredIn(catalog).map(({ name }) => name);
}

/** The Starter as it comes by default. */
export function starter(): Choice {
  const features = offeredIn(catalog).filter(({ tiers }) => tiers.includes('starter'));
  return { tier: 'starter', features: features.map(({ name }) => name), packageManager: 'npm' };
}

/** The richest project there is. */
export function richest(): Choice {
  return { tier: 'professional', features: offeredFeatures(), packageManager: 'npm' };
}

/** The flags that make a choice, for the command `create-shipkit`. */
export function flagsOf({ tier, features, packageManager }: Choice): string[] {
  const without = offeredFeatures().filter((name) => !features.includes(name));
  return [
    `--tier=${tier}`,
    `--package-manager=${packageManager}`,
    ...(features.length > 0 ? [`--features=${features.join(',')}`] : []),
    ...(without.length > 0 ? [`--without=${without.join(',')}`] : []),
  ];
}

/**
 * Generates a project with the built command, as a user would; without git and install, which
 * callers do themselves.
 *
 * @throws Error with the command's output if it failed
 */
export async function generate(folder: string, choice: Choice): Promise<void> {
  const command = join(root, 'bin', 'create-shipkit.js');
  const flags = [...flagsOf(choice), '--no-git', '--no-install', '--yes'];
  await execa(process.execPath, [command, basename(folder), ...flags], {
    cwd: dirname(folder),
    env: cleanEnvironment(),
    extendEnv: false,
  });
}

export interface NpmOptions {
  env?: NodeJS.ProcessEnv;
  cancelSignal?: AbortSignal;
  /** Whether another exit code than 0 is an error; it is by default. */
  reject?: boolean;
}

/** Runs npm in a project. @throws Error with its output if it failed */
export async function npm(folder: string, args: readonly string[], options: NpmOptions = {}) {
  const { command, args: all, shell } = npmCommand(process.execPath, [...args]);
  const surroundings = { env: cleanEnvironment(), ...options, extendEnv: false };
  return execa(command, all, { cwd: folder, shell, all: true, ...surroundings });
}
