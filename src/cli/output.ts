import pc from 'picocolors';
import { codeOf } from '../project/fs-problem.ts';
import { exitCodes, Problem } from '../problem.ts';

/** Where a command's words go: to a reader, or as one JSON object to a program. */
export class Output {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** Whether somebody can watch and answer. */
  get interactive(): boolean {
    return !this.json && process.stdin.isTTY && process.stdout.isTTY;
  }

  /** A line for the reader. */
  say(line = ''): void {
    if (!this.json) process.stdout.write(`${line}\n`);
  }

  /** A line beside the result, for whoever watches. */
  tell(this: void, line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** The one JSON object of a run. */
  result(value: object): void {
    if (this.json) process.stdout.write(`${JSON.stringify({ ok: true, ...value })}\n`);
  }

  /** The failure of a run; for a program, with what there is to say besides. */
  failure(problem: Problem, rest: object = {}): void {
    const { code, message } = problem;
    if (this.json) {
      const error = { code, message };
      process.stdout.write(`${JSON.stringify({ ok: false, error, ...rest })}\n`);
    }
    process.stderr.write(`${pc.red(code === 'cancelled' ? '◼' : '✖')} ${message}\n`);
  }
}

/** Any error as a problem; what nobody foresaw becomes one line and a hint how to see more. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const more = process.env['SHIPKIT_DEBUG'] === '1' ? '' : ' (SHIPKIT_DEBUG=1 shows where)';
  const line = message.split('\n')[0] ?? '';
  return new Problem(exitCodes.unexpected, code ?? 'unexpected', `Unexpected: ${line}${more}`, {
    cause: error,
  });
}
