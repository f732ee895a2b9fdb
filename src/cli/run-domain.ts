import type { Field } from '../catalog/domains/fields.ts';
import { namesOf, normaliseDomain } from '../catalog/domains/names.ts';
import { parseFields } from '../catalog/domains/parse-fields.ts';
import { catalog } from '../catalog/features.ts';
import {
  answersWithDomain,
  answersWithoutDomain,
  domainCommand,
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
  if (flags.admin === true) {
    throw badInput(
      '--admin: the admin area is not available in this version of shipkit, so a domain cannot have pages there.',
      'not-offered',
    );
  }
  const feature = featureOf(given);
  if (feature !== undefined) {
    requireNoFields(feature, flags);
    await runAdd([feature], flags, session);
    return;
  }
  const name = normaliseDomain(given);
  const known = flags.fields === undefined ? undefined : parseFields(flags.fields);
  await runChange(flags, session, async ({ folder, manifest }, output) => {
    const { answers } = manifest;
    const fields =
      known ??
      (await askFields(
        name,
        answers.domains.map((one) => one.name),
        output,
      ));
    const added = answersWithDomain(answers, { name, fields });
    if (added !== answers) requireTargets(folder, { name, fields });
    return {
      answers: added,
      command: domainCommand(name, fields),
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
    return { ...request, answers, wayBack: `shipkit ${domainCommand(name, removed.fields)}` };
  });
}

/** The feature of the catalog that is meant, which is not the user's to name the fields of. */
function featureOf(given: string): string | undefined {
  const wanted = given.trim().toLowerCase();
  return catalog.find(({ name }) => name === wanted)?.name;
}

function requireNoFields(feature: string, { fields }: AddDomainFlags): void {
  if (fields === undefined) return;
  throw badInput(
    `--fields: ${feature} is a feature of the catalog and brings its own tables: leave it out.`,
    'fields-of-feature',
  );
}

async function askFields(
  name: string,
  domains: readonly string[],
  output: Output,
): Promise<readonly Field[]> {
  if (output.interactive) return (await import('./prompts-fields.ts')).askFields(name, domains);
  throw badInput(
    `Nothing can be asked here, so the fields must be given, for example --fields "name:string".`,
    'missing-answer',
  );
}
