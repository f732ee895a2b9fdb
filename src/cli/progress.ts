import pc from 'picocolors';

// Clack's own spinner takes Ctrl-C for itself and ends the process with 0; this one leaves it be.

const frames = ['◒', '◐', '◓', '◑'];
const patience = 300;
const pace = 100;

/**
 * Does the work, and shows on standard error that it is going on once it has taken 300 ms: a
 * spinner where somebody watches, else a line.
 */
export async function withProgress<T>(label: string, work: () => Promise<T>): Promise<T> {
  return process.stderr.isTTY ? besideSpinner(label, work) : afterLine(label, work);
}

async function afterLine<T>(label: string, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => process.stderr.write(`${label} …\n`), patience);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

async function besideSpinner<T>(label: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const turn = setInterval(() => {
    const elapsed = performance.now() - started;
    if (elapsed < patience) return;
    const frame = frames[Math.floor(elapsed / pace) % frames.length] ?? '';
    process.stderr.write(`\r${pc.magenta(frame)} ${label} ${Math.floor(elapsed / 1000)} s`);
  }, pace);
  try {
    return await work();
  } finally {
    clearInterval(turn);
    if (performance.now() - started >= patience) process.stderr.write('\r\u001B[K');
  }
}
