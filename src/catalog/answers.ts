import * as z from 'zod/mini';
import { badInput } from '../problem.ts';
import { completeDeploySchema, deployKeys, deploySchema } from './deploy/schema.ts';
import { domainsSchema } from './domains/schema.ts';
import { catalog, type Feature, offeredIn, tiers } from './features.ts';
import { refuseName } from './name.ts';
import { suggestion } from './nearest.ts';
import { packageManagers, questions } from './questions.ts';

// zod/mini, because loading the whole of zod takes as long as rendering a project. A run parses one
// small object: compiling a parser for it would cost more than it saves.
z.config({
  jitless: true,
  localeError: (issue) =>
    issue.code === 'invalid_type' ? `this is not of the type ${issue.expected}` : 'this cannot be',
});

/**
 * The one schema of what a project was asked for. Explicit choices only: what a tier brings and
 * what a feature needs is computed by `resolve`, so that it goes again with its cause.
 */
export function answersSchemaFor(features: readonly Feature[]) {
  const names = offeredIn(features).map((feature) => feature.name);
  const list = () =>
    z.pipe(
      z.array(z.enum(names, { error: ({ input }) => refuseFeature(input, features) })),
      z.transform((chosen: string[]) => names.filter((name) => chosen.includes(name))),
    );
  return z.strictObject({
    name: about(z.string().check(z.superRefine(checkName)), 'name'),
    tier: about(choice('tier', tiers), 'tier'),
    features: about(list(), 'features'),
    without: about(list(), 'without'),
    domains: about(domainsSchema, 'domains'),
    deploy: z.optional(about(completeDeploySchema, 'deploy')),
    packageManager: about(choice('package manager', packageManagers), 'packageManager'),
    git: about(z.boolean(), 'git'),
    install: about(z.boolean(), 'install'),
  });
}

export const answersSchema = answersSchemaFor(catalog);

/** What a config file may say: every answer, and none of them must be there. */
export const configSchema = z.partial(answersSchema);

/** Everything that `create` needs to know. */
export type Answers = z.infer<typeof answersSchema>;

/**
 * What stays true of a project afterwards, and so is kept in its manifest. A domain that is missing
 * there, as after a merge of branches, is no reason not to open it: `deploy-config` asks for it.
 */
export const projectAnswersSchema = z.extend(z.omit(answersSchema, { git: true, install: true }), {
  deploy: z.optional(deploySchema),
});

export type ProjectAnswers = z.infer<typeof projectAnswersSchema>;

/**
 * The input as answers, those that were not given left out. `name(path)` says how the user calls
 * the field (`--tier`, or `config.json: tier`).
 *
 * @throws Problem (exit code 2) that names every bad field
 */
export function parseAnswers(input: unknown, name: (path: string) => string): Partial<Answers> {
  const result = configSchema.safeParse(input);
  if (result.success) return dropUndefined(result.data);
  throw badInput(result.error.issues.map((issue) => sentence(issue, name)).join('; '));
}

/** The answers with the default of every question that is still open, but for the name. */
export function withDefaults(answers: Partial<Answers> & Pick<Answers, 'name'>): Answers {
  return {
    name: answers.name,
    tier: answers.tier ?? questions.tier.default,
    features: answers.features ?? [],
    without: answers.without ?? [],
    domains: answers.domains ?? [],
    ...(answers.deploy !== undefined && { deploy: answers.deploy }),
    packageManager: answers.packageManager ?? questions.packageManager.default,
    git: answers.git ?? questions.git.default,
    install: answers.install ?? questions.install.default,
  };
}

function choice<const T extends readonly string[]>(what: string, values: T) {
  return z.enum(values, {
    error: ({ input }) =>
      `there is no ${what} ${JSON.stringify(input)}: it is ${values.join(' or ')}`,
  });
}

function about<T extends z.ZodMiniType>(schema: T, question: keyof typeof questions): T {
  const { label, hint, ...rest } = questions[question];
  const defaults = 'default' in rest ? { default: rest.default } : {};
  z.globalRegistry.add(schema, { title: label, description: hint, ...defaults });
  return schema;
}

function checkName(name: string, context: z.core.$RefinementCtx<string>): void {
  const reason = refuseName(name);
  if (reason !== undefined) context.addIssue(`"${name}" ${reason}`);
}

function refuseFeature(input: unknown, features: readonly Feature[]): string {
  if (typeof input !== 'string') return 'a feature is named by a string';
  const known = features.some((feature) => feature.name === input);
  if (known) return `"${input}" is not available in this version`;
  const names = offeredIn(features).map((feature) => feature.name);
  return `there is no feature "${input}"${suggestion(input, names) || ` (there is ${names.join(', ')})`}`;
}

function sentence(issue: z.core.$ZodIssue, name: (path: string) => string): string {
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path[0] === 'deploy' ? deployKeys : Object.keys(questions);
    const keys = issue.keys.map((key) => `unknown field "${key}"${suggestion(key, known)}`);
    return name(
      [...(issue.path.length === 0 ? [] : [pathOf(issue.path)]), keys.join(', ')].join(': '),
    );
  }
  return `${name(pathOf(issue.path))}: ${issue.message}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function dropUndefined(answers: { [key in keyof Answers]?: Answers[key] | undefined }) {
  const given = Object.entries(answers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Answers>;
}
