import { expect, test } from 'vitest';

import { countOf } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { npm } from '../../scripts/lib/generate.ts';
import { plain } from './support/choices.ts';
import { makeProject, testServers } from './support/project.ts';

const minute = 60_000;

test(
  `the events of two years end in the same state in ${countOf('SHUFFLES')} orders`,
  { timeout: countOf('SHUFFLES') * minute },
  async () => {
    const project = await makeProject(plain);
    const { exitCode, all } = await npm(
      project.folder,
      ['test', '--', 'test/billing/customer-years.test.ts'],
      {
        env: cleanEnvironment({
          ...testServers(),
          SHUFFLES: String(countOf('SHUFFLES')),
        }),
        reject: false,
      },
    );
    expect(exitCode, all).toBe(0);
    expect(all).toContain(`${countOf('SHUFFLES') + 1} passed`);
  },
);
