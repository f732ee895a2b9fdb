import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

import { findChromium } from '../../../scripts/lib/chromium.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts the browser, without a window and without a word to anybody but the page's own server. */
export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

/** What axe-core finds on a page that is serious or worse. */
export async function seriousFindings(page: Page): Promise<Finding[]> {
  // Run by the browser itself: the page's own policy lets no other script in.
  await page.evaluate(axe);
  const violations = await page.evaluate<RawFinding[]>(
    'axe.run().then(({ violations }) => violations)',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html) }));
}

interface RawFinding {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/** Whether the page is wider than the window: it would have to be moved sideways to be read. */
export async function overflows(page: Page): Promise<boolean> {
  // As text: it runs in the browser, whose names are not known here.
  return page.evaluate<boolean>(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  );
}
