import process from 'node:process';
import { expect, test } from 'vitest';

import { groupExists } from '../../scripts/lib/process-group.ts';
import { Program } from '../../scripts/lib/program.ts';

function program(source: string): Program {
  return new Program(process.execPath, ['-e', source], { cwd: process.cwd(), env: process.env });
}

test('stopping a program ends what it started, too', async () => {
  const source = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    process.on('SIGINT', () => process.exit(0));
    console.log('child ' + child.pid);`;
  const started = program(source);
  await started.until(/child \d+/);

  expect(await started.stop('SIGINT')).toBe(0);

  expect(groupExists(started.pid)).toBe(false);
});

test('waiting for output fails with what the program printed when it ends before', async () => {
  const ended = program('console.log("a reason"); process.exit(3)');
  await expect(ended.until(/never/)).rejects.toThrow(/ended before.*a reason/s);
  expect(await ended.exitCode).toBe(3);
});

test('waiting for output has a deadline', async () => {
  const silent = program('setInterval(() => {}, 1000)');
  await expect(silent.until(/never/, { seconds: 0.2 })).rejects.toThrow('within 0.2 s');
  await silent.stop('SIGKILL');
});
