import * as clack from '@clack/prompts';
import path from 'node:path';
import type { Answers } from '../catalog/answers.ts';
import { withDefaults } from '../catalog/answers.ts';
import { catalog, offeredIn, tierHints, tiers } from '../catalog/features.ts';
import { refuseName } from '../catalog/name.ts';
import { packageManagers, questions } from '../catalog/questions.ts';
import { reasonLine } from '../catalog/reason.ts';
import { presetOf, resolve } from '../catalog/resolve.ts';
import { type Known, openQuestions } from './input.ts';
import { chosen, type Terminal } from './terminal.ts';

type Question = ReturnType<typeof openQuestions>[number];

interface Asked {
  readonly folder: string;
  readonly answers: Answers;
}

/**
 * Asks what is still open, then shows everything once more; each answer can be changed there.
 *
 * @throws Problem (exit code 130) when the user leaves
 */
export async function ask({ folder, answers }: Known, terminal: Terminal = {}): Promise<Asked> {
  clack.intro('create-shipkit', terminal);
  const place = folder ?? (await askFolder(terminal));
  const current = { ...answers, name: answers.name ?? path.basename(place) };
  for (const question of openQuestions(current)) {
    Object.assign(current, await askOne(question, current, terminal));
  }
  for (;;) {
    const complete = withDefaults(current);
    const change = await review(complete, terminal);
    if (change === undefined) return { folder: place, answers: complete };
    Object.assign(current, await askOne(change, complete, terminal));
  }
}

async function askFolder(terminal: Terminal): Promise<string> {
  const message = 'What is the project called?';
  const placeholder = 'my-app';
  return chosen(await clack.text({ message, placeholder, validate: refuseFolder, ...terminal }));
}

function refuseFolder(value: string | undefined): string | undefined {
  const reason = refuseName(path.basename(value ?? ''));
  return reason === undefined ? undefined : `This ${reason}.`;
}

async function askOne(
  question: Question,
  current: Partial<Answers>,
  terminal: Terminal,
): Promise<Partial<Answers>> {
  const { label: message } = questions[question];
  switch (question) {
    case 'tier': {
      const options = tiers.map((value) => ({ value, hint: tierHints[value] }));
      const initialValue = current.tier ?? questions.tier.default;
      return { tier: chosen(await clack.select({ message, options, initialValue, ...terminal })) };
    }
    case 'features':
      return askFeatures(current, terminal);
    case 'packageManager': {
      const options = packageManagers.map((value) => ({ value }));
      const initialValue = current.packageManager ?? questions.packageManager.default;
      const answer = await clack.select({ message, options, initialValue, ...terminal });
      return { packageManager: chosen(answer) };
    }
    default: {
      const initialValue = current[question] ?? questions[question].default;
      const { hint } = questions[question];
      const confirmed = await clack.confirm({
        message: `${capital(hint)}?`,
        initialValue,
        ...terminal,
      });
      return { [question]: chosen(confirmed) };
    }
  }
}

/** What is ticked beyond the tier's own features is chosen, what is unticked of them left out. */
async function askFeatures(
  { tier = questions.tier.default, features = [], without = [] }: Partial<Answers>,
  terminal: Terminal,
): Promise<Partial<Answers>> {
  const preset = presetOf(tier);
  const options = offeredIn(catalog).map(({ name, hint }) => ({ value: name, hint }));
  const before = options
    .map(({ value }) => value)
    .filter(
      (name) => features.includes(name) || (preset.includes(name) && !without.includes(name)),
    );
  const ticked = chosen(
    await clack.multiselect({
      message: 'Features (space to choose, enter to go on)',
      options,
      initialValues: before,
      required: false,
      ...terminal,
    }),
  );
  return {
    features: ticked.filter((name) => !preset.includes(name)),
    without: preset.filter((name) => !ticked.includes(name)),
  };
}

/** The question to ask again, or undefined to go on. */
async function review(answers: Answers, terminal: Terminal): Promise<Question | undefined> {
  const { features, reasons } = resolve(answers);
  const shown: Record<Question, string> = {
    tier: answers.tier,
    features: features.length === 0 ? 'none' : features.join(', '),
    packageManager: answers.packageManager,
    git: answers.git ? 'yes' : 'no',
    install: answers.install ? 'yes' : 'no',
  };
  const lines = openQuestions({}).map((name) => `${questions[name].label}: ${shown[name]}`);
  clack.note(
    [`Name: ${answers.name}`, ...lines, ...reasons.map(reasonLine)].join('\n'),
    'This will be made',
    terminal,
  );
  const answer = await clack.select<'go' | Question>({
    message: 'Is this right?',
    options: [
      { value: 'go', label: 'Yes, make it' },
      ...openQuestions({}).map((value) => ({ value, label: `Change: ${questions[value].label}` })),
    ],
    ...terminal,
  });
  const next = chosen(answer);
  return next === 'go' ? undefined : next;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
