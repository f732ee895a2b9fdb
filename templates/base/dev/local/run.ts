import { execFile } from 'node:child_process';

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** What the program reads from its standard input. */
  input?: string;
  signal?: AbortSignal | undefined;
}

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to stdout
 * @throws an error with an excerpt of what it wrote, if it cannot be run or fails
 */
export function run(program: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { input = '', env, signal } = options;
  const child = execFile(
    program,
    args,
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, windowsHide: true, env, signal },
    (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.name === 'AbortError') reject(error);
      else if (error.code === 'ENOENT')
        reject(new Error(`there is no ${program}`, { cause: error }));
      else reject(failure(`${stdout}\n${stderr}`, error));
    },
  );
  // A program that ends without reading its input is judged by its exit code.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return promise;
}

function failure(output: string, cause: Error): Error {
  return new Error(excerpt(output).trim() || cause.message, { cause });
}

/** The beginning and the end of a log, each line indented, for a person to read under a sentence. */
export function excerpt(log: string): string {
  const lines = log.split(/\r?\n/).filter((line) => line.trim() !== '');
  const shown = lines.length <= 12 ? lines : [...lines.slice(0, 4), '…', ...lines.slice(-8)];
  return shown.map((line) => `    ${line.trim()}`).join('\n');
}
