// Writes docs/options.md from the schema of answers and the catalog; with --check, only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { catalog, offeredIn, tierHints, tiers } from '../src/catalog/features.ts';
import { aboutTargets, type Target, targets } from '../src/catalog/deploy/targets.ts';
import { deployQuestions, questions } from '../src/catalog/questions.ts';
import { root } from './lib/root.ts';

const file = join(root, 'docs', 'options.md');
const text = options();

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/options.md is out of date: run npm run docs.\n');
  process.exitCode = 1;
}

function options(): string {
  return `# Options

Each can be given as a flag, under its name in the file of \`--config\`, or as the answer to a question. \`shipkit schema\` prints the JSON Schema of the file.

${Object.entries(questions).map(describeQuestion).join('\n')}

\`--yes\` takes the default of whatever is not given otherwise; the folder has none. Without a terminal nothing is asked: what is missing is an error that names its flag.

## Tiers

${tiers.map((tier) => `- \`${tier}\`: ${tierHints[tier]}`).join('\n')}

## Features

A tier is where a project begins; any feature can be had in any tier, with \`--features\`, and left out, with \`--without\`.

${offeredIn(catalog).map(describeFeature).join('\n')}

## Deployment

\`shipkit deploy-config\` asks for these, or takes them as flags; in the config file they are entries of \`deploy\`, as in \`{"domain": "app.example.com", "image": {"name": "registry.example.com/app", "node": "24"}, "docker": {"instances": 2}}\`. More on [deploying](deploy.md).

${Object.entries(deployQuestions).map(describeSetting).join('\n')}
`;
}

function describeQuestion([name, question]: [string, (typeof questions)[keyof typeof questions]]) {
  const flag = name === 'name' ? '`[folder]`' : flagOf(question);
  const value = 'default' in question ? `; default ${JSON.stringify(question.default)}` : '';
  return `- \`${name}\` (${flag}): ${question.hint}${value}`;
}

function describeSetting([name, { flag, hint }]: [string, { flag: string; hint: string }]): string {
  const has = (target: Target) => [...aboutTargets[target].settings].some((one) => one === name);
  const of = targets.filter(has);
  const all = of.length === 0 || of.length === targets.length;
  return `- \`${flag}\`${all ? '' : ` (${of.join(' and ')})`}: ${hint}`;
}

function flagOf(question: (typeof questions)[keyof typeof questions]): string {
  return 'flag' in question ? `\`${question.flag}\`` : 'in the config file';
}

function describeFeature({ name, hint, tiers: defaultIn, requires }: (typeof catalog)[number]) {
  const needs = requires.length === 0 ? '' : `; needs ${requires.join(', ')}`;
  return `- \`${name}\`: ${hint} (by default in ${defaultIn.join(' and ')}${needs})`;
}
