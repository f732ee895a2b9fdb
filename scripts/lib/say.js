import process from 'node:process';

/** A reason to stop that needs no stack trace: one sentence for the person, and the exit code. */
export class Stop extends Error {
  /**
   * @param {string} message what happened, why, and what to do
   * @param {number} [exitCode] 1 unexpected, 2 bad input, 3 precondition
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'Stop';
    this.exitCode = exitCode;
  }
}

/** Progress and reasons go to stderr: stdout belongs to the script. */
export function say(/** @type {string} */ sentence) {
  process.stderr.write(`${sentence}\n`);
}
