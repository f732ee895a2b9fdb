import pc from 'picocolors';

// Clack's own spinner takes Ctrl-C for itself and ends the process with 0; this one leaves it be.

const frames = ['◒', '◐', '◓', '◑'];
const patience = 300;
const pace = 100;

/** Runs the work beside a spinner that appears once it has taken 300 ms. */
export async function spinnerAfter<T>(label: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const turn = setInterval(() => {
    const elapsed = performance.now() - started;
    if (elapsed < patience) return;
    const frame = frames[Math.floor(elapsed / pace) % frames.length] ?? '';
    process.stdout.write(`\r${pc.magenta(frame)} ${label} ${Math.floor(elapsed / 1000)} s`);
  }, pace);
  try {
    return await work();
  } finally {
    clearInterval(turn);
    process.stdout.write('\r\u001B[K');
  }
}
