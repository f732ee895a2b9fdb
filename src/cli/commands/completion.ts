import { Argument, type Command } from 'commander';
import { withExamples } from './options.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** Gives a command the argument and action of `completion`. */
export function defineCompletion(command: Command, program: Command): Command {
  command
    .description('Print a script that completes commands in your shell')
    .addArgument(new Argument('<shell>', shells.join(', ')).choices(shells));
  return withExamples(
    command,
    'eval "$(shipkit completion bash)"      in ~/.bashrc',
    'eval "$(shipkit completion zsh)"       in ~/.zshrc, after compinit',
    'shipkit completion fish > ~/.config/fish/completions/shipkit.fish',
  ).action(async (shell: (typeof shells)[number]) => {
    const { completionScript } = await import('../completion.ts');
    process.stdout.write(completionScript(program, shell));
  });
}
