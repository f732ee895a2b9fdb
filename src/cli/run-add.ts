import { answersWith, answersWithout } from '../commands/add.ts';
import { tablesOfFeatures } from '../commands/features.ts';
import { badInput } from '../problem.ts';
import { loadTemplates } from '../templates/load.ts';
import type { ChangeFlags } from './commands/options.ts';
import { runChange } from './run-change.ts';
import type { Session } from './session.ts';

/** Adds features, or those of a tier, to the project around the user. */
export async function runAdd(
  features: readonly string[],
  flags: ChangeFlags & { readonly tier?: string },
  session: Session,
): Promise<void> {
  const { tier } = flags;
  if (features.length === 0 && tier === undefined) {
    throw badInput(
      'Name what is to be added: a feature (see shipkit features), or --tier professional.',
    );
  }
  const words = [...features, ...(tier === undefined ? [] : [`--tier ${tier}`])];
  await runChange(flags, session, ({ manifest }) => ({
    answers: answersWith(manifest.answers, { features, tier }),
    command: `add ${words.join(' ')}`,
    migration: `add_${[...features, ...(tier === undefined ? [] : [tier])].join('_')}`,
  }));
}

/** Takes features out of the project around the user; with `dropTable`, also what is left of them. */
export async function runRemove(
  features: readonly string[],
  flags: ChangeFlags & { readonly dropTable?: boolean },
  session: Session,
): Promise<void> {
  const dropTables = flags.dropTable === true;
  await runChange(flags, session, ({ manifest }) => {
    const request = {
      answers: answersWithout(manifest.answers, features),
      command: `remove ${features.join(' ')}`,
      migration: `drop_${features.join('_')}`,
    };
    if (!dropTables) return { ...request, wayBack: `shipkit add ${features.join(' ')}` };
    return {
      ...request,
      dropTables,
      dropRetired: tablesOfFeatures(features, loadTemplates()),
    };
  });
}
