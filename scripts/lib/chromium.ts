// The browser that tests drive.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
];

/**
 * Where Chromium is: `CHROMIUM`, else one that is installed, else on Debian and Ubuntu, for root, the
 * distribution's own, which is installed then.
 *
 * @throws Error that says how to get one
 */
export async function findChromium(): Promise<string> {
  const found = process.env['CHROMIUM'] ?? installed();
  if (found !== undefined) return found;
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await execa('apt-get', ['update', '-q'], { env });
    await execa('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium'], { env });
  }
  const fresh = installed();
  if (fresh !== undefined) return fresh;
  throw new Error(
    'There is no Chromium. Install it (apt install chromium), or name it by CHROMIUM.',
  );
}

function installed(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...candidates, ...places].find((file) => existsSync(file));
}
