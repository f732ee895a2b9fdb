import type { ProjectAnswers } from '../catalog/answers.ts';
import type { Domain } from '../catalog/domains/fields.ts';
import { namesOf, normaliseDomain } from '../catalog/domains/names.ts';
import { parseFields } from '../catalog/domains/parse-fields.ts';
import { catalog } from '../catalog/features.ts';
import {
  answersWithDomain,
  answersWithoutDomain,
  domainCommand,
  hasAdmin,
  requireAdmin,
  requireTargets,
} from '../commands/domains.ts';
import { badInput } from '../problem.ts';
import { isRetired } from '../project/retire.ts';
import type { AddDomainFlags } from './commands/add-domain.ts';
import type { RemoveDomainFlags } from './commands/remove-domain.ts';
import type { Output } from './output.ts';
import { runAdd, runRemove } from './run-add.ts';
import { runChange } from './run-change.ts';
import type { Session } from './session.ts';

/** Adds a domain to the project around the user, or the feature of that name. */
export async function runAddDomain(
  given: string,
  flags: AddDomainFlags,
  session: Session,
): Promise<void> {
  const feature = featureOf(given);
  if (feature !== undefined) {
    requirePlain(feature, flags);
    await runAdd([feature], flags, session);
    return;
  }
  const name = normaliseDomain(given);
  const fields = flags.fields === undefined ? undefined : parseFields(flags.fields);
  const admin = flags.admin === true;
  await runChange(flags, session, async ({ folder, manifest }, output) => {
    const { answers } = manifest;
    if (admin) requireAdmin(answers);
    // One that is there needs no fields to be given pages.
    const standing = admin ? answers.domains.find((one) => one.name === name) : undefined;
    const wanted =
      fields === undefined
        ? (standing ?? (await askDomain(name, { answers, output, asksPages: !admin })))
        : { name, fields };
    const added: Domain = admin ? { ...wanted, admin } : wanted;
    const next = answersWithDomain(answers, added);
    if (next !== answers) requireTargets(folder, added);
    return {
      answers: next,
      command: domainCommand(added),
      migration: `add_${namesOf(name).table}`,
    };
  });
}

/** Takes a domain out of the project around the user, or the feature of that name. */
export async function runRemoveDomain(
  given: string,
  flags: RemoveDomainFlags,
  session: Session,
): Promise<void> {
  const feature = featureOf(given);
  if (feature !== undefined) {
    await runRemove([feature], flags, session);
    return;
  }
  const name = normaliseDomain(given);
  const { table } = namesOf(name);
  const dropTables = flags.dropTable === true;
  await runChange(flags, session, ({ folder, manifest }) => {
    const request = { command: `remove-domain ${name}`, migration: `drop_${table}` };
    const isGone = manifest.answers.domains.every((domain) => domain.name !== name);
    if (isGone && isRetired(folder, table)) {
      if (dropTables) return { ...request, answers: manifest.answers, dropRetired: [table] };
      throw badInput(
        `The domain ${name} is removed already, and src/database/retired.ts keeps its table: shipkit remove-domain ${name} --drop-table drops that too.`,
        'no-domain',
      );
    }
    const { answers, removed } = answersWithoutDomain(manifest.answers, name, given);
    if (dropTables) return { ...request, answers, dropTables };
    const back = hasAdmin(answers) ? removed : { name, fields: removed.fields };
    return { ...request, answers, wayBack: `shipkit ${domainCommand(back)}` };
  });
}

/** The feature of the catalog that is meant, which is not the user's to name the fields of. */
function featureOf(given: string): string | undefined {
  const wanted = given.trim().toLowerCase();
  return catalog.find(({ name }) => name === wanted)?.name;
}

function requirePlain(feature: string, { fields, admin }: AddDomainFlags): void {
  const flag = fields === undefined ? admin === true && '--admin' : '--fields';
  if (flag === false) return;
  const own = flag === '--admin' ? 'pages' : 'tables';
  throw badInput(
    `${flag}: ${feature} is a feature of the catalog and brings its own ${own}: leave it out.`,
    'fields-of-feature',
  );
}

async function askDomain(
  name: string,
  { answers, output, asksPages }: { answers: ProjectAnswers; output: Output; asksPages: boolean },
): Promise<Domain> {
  if (output.interactive) {
    const domains = answers.domains.map((one) => one.name);
    const pages = asksPages && hasAdmin(answers);
    return (await import('./prompts-fields.ts')).askDomain(name, { domains, pages });
  }
  throw badInput(
    `Nothing can be asked here, so the fields must be given, for example --fields "name:string".`,
    'missing-answer',
  );
}
