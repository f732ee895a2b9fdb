import process from 'node:process';
import { styleText } from 'node:util';

export interface Timing {
  name: string;
  seconds: number;
}

/** The stages of a longer job: each is announced, timed, and remembered. */
export class Stages {
  readonly timings: Timing[] = [];

  /** Does one stage; its error goes on to the caller. */
  async run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    write(`${styleText('cyan', '▸')} ${name} …`);
    const started = performance.now();
    try {
      return await work();
    } finally {
      const seconds = (performance.now() - started) / 1000;
      this.timings.push({ name, seconds });
      write(styleText('dim', `  ${seconds.toFixed(1)} s`));
    }
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
