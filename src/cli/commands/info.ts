import path from 'node:path';
import type { Command } from 'commander';
import { deploymentOf, targetsOf } from '../../catalog/deploy/deployment.ts';
import { Output } from '../output.ts';
import type { Session } from '../session.ts';

interface InfoOptions {
  readonly cwd?: string;
  readonly json?: boolean;
}

/** Gives a command the options and action of `info`. */
export function defineInfo(command: Command, { version, cwd }: Session): Command {
  return command
    .description('Show what the project around you was made from')
    .option('--cwd <folder>', 'a folder inside the project')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  shipkit info\n  shipkit info --cwd ../shop --json')
    .action(async (options: InfoOptions) => {
      const { info } = await import('../../commands/info.ts');
      const output = new Output(options.json === true);
      const { recoverAround } = await import('../../project/open.ts');
      const at = path.resolve(cwd, options.cwd ?? '.');
      await recoverAround(at, output.tell);
      const found = info(at, version);
      const { answers, features } = found;
      output.result(found);
      output.say(`Project          ${answers.name}`);
      output.say(`Folder           ${found.folder}`);
      output.say(`Made by          create-shipkit ${found.version}`);
      output.say(`Tier             ${answers.tier}`);
      output.say(`Features         ${features.length === 0 ? 'none' : features.join(', ')}`);
      output.say(`  chosen         ${answers.features.join(', ') || 'none'}`);
      output.say(`  left out       ${answers.without.join(', ') || 'none'}`);
      const domains = answers.domains
        .map(({ name, admin }) => (admin === true ? `${name} (admin pages)` : name))
        .join(', ');
      output.say(`Domains          ${domains || 'none'}`);
      if (features.includes('deploy')) {
        const { domain } = deploymentOf(answers.name, answers.deploy);
        output.say(`Deployment       ${targetsOf(answers.deploy).join(', ')} (${domain})`);
      }
      output.say(`Package manager  ${answers.packageManager}`);
    });
}
