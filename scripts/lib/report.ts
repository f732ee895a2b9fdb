// What a run of the tests came to, written as JSON for scripts/test.ts to sum up.

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export interface Skipped {
  name: string;
  why: string | undefined;
}

export interface Failed {
  /** Its file and whole name. */
  name: string;
  /** The first line of what it failed with. */
  why: string;
}

export interface Report {
  passed: number;
  failed: Failed[];
  skipped: Skipped[];
  /** Errors outside of tests: a file that does not load, a hook or a rejection that nobody awaited. */
  errors: number;
  /** How long each file took, in milliseconds. */
  files: Record<string, number>;
}

/** The reporter, for vitest: writes to the file that TEST_REPORT names. */
export default class ReportWriter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env['TEST_REPORT'];
    if (file === undefined) return;
    writeFileSync(file, JSON.stringify(reportOf(modules, unhandled.length)));
  }
}

function reportOf(modules: readonly TestModule[], unhandled: number): Report {
  const report: Report = { passed: 0, failed: [], skipped: [], errors: unhandled, files: {} };
  for (const module of modules) {
    report.files[module.relativeModuleId] = Math.round(module.diagnostic().duration);
    report.errors += module.errors().length;
    for (const suite of module.children.allSuites()) report.errors += suite.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') report.passed += 1;
      else if (result.state === 'skipped') {
        report.skipped.push({ name: test.fullName, why: result.note });
      } else {
        const name = `${module.relativeModuleId}: ${test.fullName}`;
        report.failed.push({ name, why: firstLineOf(result.errors?.[0]?.message ?? '') });
      }
    }
  }
  return report;
}

function firstLineOf(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, 200);
}
