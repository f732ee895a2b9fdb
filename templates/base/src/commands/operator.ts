import { userInfo } from 'node:os';

/** Who runs a command, as the audit log calls them. */
export function operator(): string {
  return `operator:${userName()}`.slice(0, 100);
}

/** In a container a user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
