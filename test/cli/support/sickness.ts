import { expect, test } from 'vitest';
import { project } from './commands.ts';
import { doctor } from './doctor.ts';

export type Sickness = [
  string,
  (folder: string) => void,
  { check: string; message: RegExp; mend?: RegExp },
];

/** Makes each of these in a project of its own, and lets doctor find it. */
export function findsEach(sicknesses: readonly Sickness[]): void {
  test.each(sicknesses)('%s', async (_, make, { check, message, mend = /|/ }) => {
    const folder = await project();
    const before = (await doctor(folder)).findings.map(({ message: text }) => text);
    make(folder);
    const { findings } = await doctor(folder);
    const found = findings.find((one) => one.check === check && message.test(one.message));
    expect(found, JSON.stringify(findings)).toBeDefined();
    expect(found?.mend ?? '').toMatch(mend);
    const unmended = findings.filter((one) => one.severity !== 'info' && !one.mend);
    expect(unmended, 'each is told with the command that mends it').toEqual([]);
    expect(check === 'packages' || !before.includes(found?.message ?? '')).toBe(true);
  });
}
