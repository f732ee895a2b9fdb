import { Argument, type Command } from 'commander';
import { Output } from '../output.ts';
import { withExamples } from './options.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** Gives a command the argument and action of `completion`. */
export function defineCompletion(command: Command, program: Command): Command {
  command
    .description('Print a script that completes commands in your shell')
    .addArgument(new Argument('<shell>', shells.join(', ')).choices(shells))
    .option('--json', 'print one JSON object on standard output');
  return withExamples(
    command,
    'eval "$(shipkit completion bash)"      in ~/.bashrc',
    'eval "$(shipkit completion zsh)"       in ~/.zshrc, after compinit',
    'shipkit completion fish > ~/.config/fish/completions/shipkit.fish',
  ).action(async (shell: (typeof shells)[number], flags: { readonly json?: boolean }) => {
    const { completionScript } = await import('../completion.ts');
    const output = new Output(flags.json === true);
    const script = completionScript(program, shell);
    output.result({ shell, script });
    if (!output.json) process.stdout.write(script);
  });
}
