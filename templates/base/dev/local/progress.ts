/** Tells a person what takes a while, or what happened. On stderr: stdout is for results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Waits for `task`, and says what it is about if that takes over a second. */
export async function sayIfSlow<T>(text: string, task: Promise<T>): Promise<T> {
  const timer = setTimeout(say, 1000, text);
  try {
    return await task;
  } finally {
    clearTimeout(timer);
  }
}
