import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, inject, test } from 'vitest';

import { subject } from './support/choices.ts';
import { boot, makeProject, prepare, type Running } from './support/project.ts';

const clients = 20;

let running: Running;

beforeAll(async () => {
  const project = await makeProject(subject);
  running = await boot(project, await prepare(project, inject('serverUrl')));
});

test('SIGTERM under keep-alive load loses no request, and the service ends with exit code 0', async () => {
  const { accessToken } = await running.api.newUser();
  const url = `${running.api.url}/v1/auth/me`;
  const load = Array.from({ length: clients }, (_, index) => {
    const busy = Promise.withResolvers<void>();
    // Some without a pause, some that leave their connection idle in between.
    const over = askUntilClosed(
      { url, token: accessToken, pause: (index % 4) * 30 },
      (answered) => {
        if (answered > 3) busy.resolve();
      },
    );
    return { busy: Promise.race([busy.promise, over]), over };
  });

  await Promise.all(load.map(({ busy }) => busy));
  running.program.signal('SIGTERM');

  const outcomes = await Promise.all(load.map(({ over }) => over));
  expect(outcomes.flatMap(({ lost }) => lost)).toEqual([]);
  expect(await running.program.exitCode).toBe(0);
});

interface Outcome {
  answered: number;
  /** Why requests got no answer, or another than 200. */
  lost: string[];
}

/**
 * A client that keeps its connection, as a proxy does: asks again and again until an answer says
 * that the server closes the connection.
 */
async function askUntilClosed(
  { url, token, pause }: { url: string; token: string; pause: number },
  onAnswer: (answered: number) => void,
): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const outcome: Outcome = { answered: 0, lost: [] };
  try {
    for (;;) {
      const { status, closing } = await ask(url, token, agent);
      if (status === 200) outcome.answered += 1;
      else outcome.lost.push(`status ${status}`);
      onAnswer(outcome.answered);
      if (closing) return outcome;
      await delay(pause);
    }
  } catch (error) {
    outcome.lost.push(String(error));
    return outcome;
  } finally {
    agent.destroy();
  }
}

function ask(url: string, token: string, agent: Agent) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    closing: boolean;
  }>();
  const headers = { authorization: `Bearer ${token}` };
  request(url, { agent, headers }, (response) => {
    response.resume();
    response.once('error', reject);
    response.once('end', () => {
      resolve({
        status: response.statusCode ?? 0,
        closing: response.headers.connection === 'close',
      });
    });
  })
    .once('error', reject)
    .end();
  return promise;
}
