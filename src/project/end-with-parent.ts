// What a program is given to import, so that it ends when the one that started it was killed.
//
// In a thread of its own, which goes on where the program itself turns in circles: so drizzle-kit
// does for ever, once the folder that it works in is gone.
const watcher = `
  setInterval(() => {
    try {
      process.kill(${process.pid}, 0);
    } catch {
      process.kill(process.pid, 'SIGKILL');
    }
  }, 100);`;

const program = `
  import { Worker } from 'node:worker_threads';
  new Worker(${JSON.stringify(watcher)}, { eval: true, stdin: false }).unref();`;

/** The options of Node.js that end a program with this process. */
export const endWithParent = ['--import', `data:text/javascript,${encodeURIComponent(program)}`];
