import { aboutTargets, databasePlaces, targets } from './deploy/targets.ts';
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
  deploy: {
    label: 'Deployment',
    hint: 'where it is deployed to: set that with shipkit deploy-config',
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

/** What is asked about a target of the deployment. */
export const deployQuestions = {
  target: {
    label: 'Target',
    hint: targets.map((target) => `${target}: ${aboutTargets[target].hint}`).join('; '),
    flag: '--target',
  },
  domain: {
    label: 'Domain',
    hint: 'the host name that it is reached at, such as app.example.com',
    flag: '--domain',
  },
  user: {
    label: 'User',
    hint: 'the Linux user that runs it on the server; by default named as the project',
    flag: '--user',
  },
  path: {
    label: 'Path',
    hint: 'its folder on the server; by default /srv/ and the name of the project',
    flag: '--path',
  },
  image: {
    label: 'Image',
    hint: 'the name of its image, with the registry that a cluster has it from, without a tag',
    flag: '--image',
  },
  instances: {
    label: 'Instances',
    hint: 'processes that serve requests, 1 to 64; by default 2',
    flag: '--instances',
  },
  node: {
    label: 'Node.js',
    hint: 'its version, a major one or an exact one, 24.11 or later; by default 24',
    flag: '--node',
  },
  db: {
    label: 'Database',
    hint: `${databasePlaces.join(' or ')}: beside the service, or a server that somebody else keeps; by default local`,
    flag: '--db',
  },
} as const;
