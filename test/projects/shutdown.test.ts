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
  const load = Array.from({ length: clients }, (_, index) =>
    // Some without a pause, some that leave their connection idle in between.
    askUntilClosed(`${running.api.url}/v1/auth/me`, accessToken, (index % 4) * 30),
  );

  await delay(500);
  running.program.signal('SIGTERM');

  const outcomes = await Promise.all(load);
  expect(outcomes.flatMap(({ lost }) => lost)).toEqual([]);
  expect(outcomes.every(({ answered }) => answered > 3)).toBe(true);
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
async function askUntilClosed(url: string, token: string, pause: number): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const outcome: Outcome = { answered: 0, lost: [] };
  try {
    for (;;) {
      const { status, closing } = await ask(url, token, agent);
      if (status === 200) outcome.answered += 1;
      else outcome.lost.push(`status ${status}`);
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
