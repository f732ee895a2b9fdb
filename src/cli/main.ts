import { CommanderError } from 'commander';
import { commandNames } from '../catalog/commands.ts';
import { suggestion } from '../catalog/nearest.ts';
import { badInput, cancelled, type Problem } from '../problem.ts';
import { ownVersion } from '../version.ts';
import { asProblem, Output } from './output.ts';
import { buildProgram, type ProgramName } from './program.ts';

/** Runs one command line and sets the exit code of the process. */
export async function main(name: ProgramName, args: readonly string[]): Promise<void> {
  endQuietlyWithReader();
  const session = { version: ownVersion(), cwd: process.cwd(), signal: interruptSignal() };
  try {
    await buildProgram(name, session).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const problem = error instanceof CommanderError ? sentenceOf(error, args) : asProblem(error);
    if (process.env['SHIPKIT_DEBUG'] === '1') process.stderr.write(`${stackOf(problem)}\n`);
    new Output(args.includes('--json')).failure(problem);
    process.exitCode = problem.exitCode;
  }
}

/** Ctrl-C and a polite kill let everybody clean up; the run then ends with 130. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const cancel = () => {
    controller.abort(cancelled('Cancelled: nothing was left behind.'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, cancel);
  return controller.signal;
}

/** `shipkit features | head -1` closes the pipe: that is no failure. */
function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

/** Commander says `error: unknown option '--teir'` and its guess on a second line. */
function sentenceOf(error: CommanderError, args: readonly string[]): Problem {
  if (error.code === 'commander.help') return badInput(noCommand(args));
  const [what = '', guess = ''] = error.message.replace(/^error: /, '').split('\n');
  const near = /Did you mean (?:one of )?(.*)\?/.exec(guess)?.[1];
  const text = what.charAt(0).toUpperCase() + what.slice(1).replace(/\.$/, '');
  return badInput(`${text}${near === undefined ? '' : `; did you mean ${near}?`}`);
}

function noCommand([first, name]: readonly string[]): string {
  if (first !== 'help' || name === undefined) return 'No command was given: see --help.';
  return `There is no command "${name}"${suggestion(name, commandNames) || ': see --help.'}`;
}

function stackOf(problem: Problem): string {
  const { cause } = problem;
  return (cause instanceof Error ? cause.stack : problem.stack) ?? problem.message;
}
