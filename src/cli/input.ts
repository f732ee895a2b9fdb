import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Answers, parseAnswers, withDefaults } from '../catalog/answers.ts';
import { questions } from '../catalog/questions.ts';
import { badInput } from '../problem.ts';
import { codeOf } from '../project/fs-problem.ts';
import { isObject } from '../render/json.ts';

/** The options of `create`, as commander gives them. */
export interface CreateOptions {
  readonly tier?: string;
  readonly features?: readonly string[];
  readonly without?: readonly string[];
  readonly packageManager?: string;
  readonly git?: boolean;
  readonly install?: boolean;
  readonly yes?: boolean;
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What is known of a project before anything is asked. */
export interface Known {
  readonly folder: string | undefined;
  readonly answers: Partial<Answers>;
}

/**
 * What the command line and the config file say; where both speak, the command line counts.
 *
 * @throws Problem (exit code 2) that names the flag or the field that cannot be
 */
export function readKnown(folder: string | undefined, options: CreateOptions, cwd: string): Known {
  const file = options.config;
  const fromFile =
    file === undefined
      ? {}
      : parseAnswers(readConfig(file, cwd), (field) => `${label(file)}: ${field}`);
  const { tier, features, without, packageManager, git, install } = options;
  const flags = { tier, features, without, packageManager, git, install };
  const fromFlags = parseAnswers(flags, (field) => flagOf(field));
  const fromFolder =
    folder === undefined
      ? {}
      : parseAnswers({ name: path.basename(path.resolve(cwd, folder)) }, () => 'folder');
  return {
    folder: folder ?? fromFile.name,
    answers: { ...fromFile, ...fromFlags, ...fromFolder },
  };
}

/**
 * The answers when nobody can be asked: with `--yes` every open question has its default.
 *
 * @throws Problem (exit code 2) that names the flag of every open question
 */
export function completeUnasked({ folder, answers }: Known, yes: boolean): Answers {
  const open = yes ? [] : openQuestions(answers).map((question) => questions[question].flag);
  const missing = folder === undefined ? ['the folder', ...open] : open;
  if (answers.name === undefined || missing.length > 0) {
    const hint = open.length === 0 ? '' : ' (--yes takes every default)';
    throw badInput(
      `Nothing can be asked here, so these must be given: ${missing.join(', ')}${hint}.`,
      'missing-answer',
    );
  }
  return withDefaults({ ...answers, name: answers.name });
}

/** The questions that have no answer yet, in the order in which they are asked. */
export function openQuestions(answers: Partial<Answers>) {
  const asked = ['tier', 'features', 'packageManager', 'git', 'install'] as const;
  return asked.filter((name) => {
    if (name === 'features') return answers.features === undefined && answers.without === undefined;
    return answers[name] === undefined;
  });
}

function readConfig(file: string, cwd: string): unknown {
  const text = readText(file, cwd);
  try {
    const config: unknown = JSON.parse(text);
    if (isObject(config)) return config;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badInput(
      `${label(file)} is not JSON: ${error.message.split('\n')[0] ?? ''}.`,
      'bad-config',
    );
  }
  throw badInput(`${label(file)} is not a JSON object.`, 'bad-config');
}

const unreadable: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'there is no permission to read it',
};

function readText(file: string, cwd: string): string {
  try {
    return readFileSync(file === '-' ? 0 : path.resolve(cwd, file), 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const reason = unreadable[code] ?? code;
    throw badInput(`--config ${file} cannot be read: ${reason}.`, 'bad-config');
  }
}

function label(file: string): string {
  return file === '-' ? 'The config on standard input' : file;
}

function flagOf(field: string): string {
  const name = field
    .replace(/\[.*$/, '')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${name}`;
}
