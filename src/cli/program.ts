import { Command } from 'commander';
import { defineAdd } from './commands/add.ts';
import { defineAddDomain } from './commands/add-domain.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineCreate } from './commands/create.ts';
import { defineDeployConfig } from './commands/deploy-config.ts';
import { defineDiff } from './commands/diff.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineFeatures } from './commands/features.ts';
import { defineInfo } from './commands/info.ts';
import { defineRemove } from './commands/remove.ts';
import { defineRemoveDomain } from './commands/remove-domain.ts';
import { defineRotateKeys } from './commands/rotate-keys.ts';
import { defineSchema } from './commands/schema.ts';
import { defineUpdate } from './commands/update.ts';
import { defineWebhooks } from './commands/webhooks.ts';
import type { Session } from './session.ts';

export type ProgramName = 'create-shipkit' | 'shipkit';

/**
 * The command line: both programs know every command, and `create-shipkit` without one creates.
 * Nothing here ends the process or writes a failure: the caller does, in one place.
 */
export function buildProgram(name: ProgramName, session: Session): Command {
  const program = new Command(name)
    .version(session.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .enablePositionalOptions()
    .showHelpAfterError(false)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  if (name === 'create-shipkit') defineCreate(program, session);
  else program.description('Make a project, and keep changing it');

  const add = (command: string) =>
    program.command(command).helpOption('-h, --help', 'show this help');
  defineCreate(add('create'), session);
  defineAddDomain(add('add-domain'), session);
  defineRemoveDomain(add('remove-domain'), session);
  defineAdd(add('add'), session);
  defineRemove(add('remove'), session);
  defineDeployConfig(add('deploy-config'), session);
  defineUpdate(add('update'), session);
  defineDoctor(add('doctor'), session);
  defineDiff(add('diff'), session);
  defineRotateKeys(add('rotate-keys'), session);
  defineWebhooks(add('webhooks'), session);
  defineInfo(add('info'), session);
  defineSchema(add('schema'));
  defineFeatures(add('features'));
  defineCompletion(add('completion'), program);
  return program;
}
