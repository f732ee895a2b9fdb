import { type Command, Option } from 'commander';
import { aboutTargets, targets } from '../../catalog/deploy/targets.ts';
import { deployQuestions } from '../../catalog/questions.ts';
import type { DeployFlags } from '../../commands/deploy-config.ts';
import type { Session } from '../session.ts';
import { type ChangeFlags, withChangeOptions, withExamples } from './options.ts';

export interface DeployConfigFlags extends ChangeFlags, DeployFlags {
  readonly target?: string;
  readonly yes?: boolean;
  readonly remove?: boolean;
  readonly printChecklist?: boolean;
}

const about = `
Targets, of which several can stand side by side:
${targets.map((target) => `  ${target.padEnd(11)} ${aboutTargets[target].hint}: ${['domain', ...aboutTargets[target].settings].map((name) => `--${name}`).join(' ')}`).join('\n')}

Run again, it changes what is given and keeps the rest. The domain is that of all targets, and docker
and kubernetes run the same image.`;

/** Gives a command the options and action of `deploy-config`. */
export function defineDeployConfig(command: Command, session: Session): Command {
  const { target, ...settings } = deployQuestions;
  command
    .description('Write what brings the project to a server, to Docker or to Kubernetes')
    .addOption(new Option('--target <name>', target.hint));
  for (const { flag, hint } of Object.values(settings)) {
    command.addOption(new Option(`${flag} <${valueOf(flag)}>`, hint));
  }
  command
    .option('-y, --yes', 'take the default of whatever no other option answers')
    .option('--remove', 'take the target out again')
    .option('--print-checklist', 'print how to deploy there, step by step, and write nothing')
    .addHelpText('after', about);
  withChangeOptions(command);
  return withExamples(
    command,
    'shipkit deploy-config --target vps --domain app.example.com',
    'shipkit deploy-config --target docker --domain app.example.com --db managed --dry-run',
    'shipkit deploy-config --target kubernetes --image registry.example.com/team/app --instances 3',
    'shipkit deploy-config --target vps --print-checklist',
    'shipkit deploy-config --target docker --remove',
  ).action(async (flags: DeployConfigFlags) => {
    const { runDeployConfig } = await import('../run-deploy-config.ts');
    await runDeployConfig(flags, session);
  });
}

function valueOf(flag: string): string {
  const values: Readonly<Record<string, string>> = {
    '--domain': 'host',
    '--path': 'folder',
    '--instances': 'count',
    '--node': 'version',
    '--db': 'place',
  };
  return values[flag] ?? 'name';
}
