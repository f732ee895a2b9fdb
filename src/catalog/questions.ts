import { tiers } from './features.ts';

// What is asked about a project, beside the schema that checks it: prompts, options, help and the
// JSON Schema take their words and defaults from here. Without zod, so that help costs nothing.

export const packageManagers = ['npm', 'pnpm'] as const;

export type PackageManager = (typeof packageManagers)[number];

export const questions = {
  name: {
    label: 'Project name',
    hint: 'lower-case letters, digits and hyphens, at most 24 characters',
  },
  tier: {
    label: 'Tier',
    hint: `which features are there from the first day: ${tiers.join(' or ')}`,
    flag: '--tier',
    default: 'starter',
  },
  features: {
    label: 'Features',
    hint: 'features beyond those of the tier',
    flag: '--features',
    default: [],
  },
  without: {
    label: 'Without',
    hint: 'features of the tier to leave out',
    flag: '--without',
    default: [],
  },
  domains: {
    label: 'Domains',
    hint: 'what the service keeps, each with its fields: add them with shipkit add-domain',
    default: [],
  },
  packageManager: {
    label: 'Package manager',
    hint: packageManagers.join(' or '),
    flag: '--package-manager',
    default: 'npm',
  },
  git: {
    label: 'Git repository',
    hint: 'make a git repository with one commit',
    flag: '--git or --no-git',
    default: true,
  },
  install: {
    label: 'Install',
    hint: 'install the dependencies',
    flag: '--install or --no-install',
    default: true,
  },
} as const;
