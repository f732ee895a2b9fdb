import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Gauge, type Registry } from 'prom-client';
import { addGauge } from './add-gauge.ts';
import type { MetricsSettings } from './settings.ts';

const project = join(import.meta.dirname, '../../..');

/** Says which release this is, and when a backup was last found whole. */
export function tellRelease(
  registry: Registry,
  { RELEASE: named = basename(project), RESTORE_CHECK_FILE: file }: MetricsSettings,
): void {
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    version: string;
  };
  const labels = { version, node: process.versions.node, release: named };
  const release = new Gauge({
    name: 'build_info',
    help: 'Which release this is.',
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  release.set(labels, 1);

  if (file === undefined) return;
  addGauge(registry, {
    name: 'restore_check_last_success_timestamp_seconds',
    help: 'When a backup was last restored and found whole; 0 for never.',
    async collect() {
      const text = await readFile(file, 'utf8').catch(() => '');
      this.set((Date.parse(text.trim()) || 0) / 1000);
    },
  });
}
