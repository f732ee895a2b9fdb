// A server in Docker, for a machine that has no other.
import { randomUUID } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitForAnswer } from './answer.ts';
import type { Instance } from './kind.ts';
import { findPort, isFree } from './ports.ts';
import { say } from './progress.ts';
import { writeRecord } from './record.ts';
import { run } from './run.ts';

/** The version of the Docker that answers; throws what it says if none does. */
export async function dockerVersion(signal: AbortSignal | undefined): Promise<string> {
  const version = await run('docker', ['version', '--format', '{{.Server.Version}}'], { signal });
  return version.trim();
}

/**
 * Starts the container and waits until the server in it answers. What that stores is in a volume of
 * the same name, which outlives it.
 */
export async function startContainer(
  instance: Instance,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { kind, home, record } = instance;
  record.container ??= containerName(instance);
  if (!(await isFree(record.port))) record.port = await findPort();
  writeRecord(home, record);
  const { container } = record;
  const isUp = (): Promise<boolean> => isContainerUp(container);
  await remove(container); // what a start that was killed has left

  say(`starting ${kind.image.name} in Docker (fetched once, ${kind.image.size}) …`);
  try {
    const env = { ...process.env, ...kind.image.variables(record) };
    await run('docker', runArguments(instance, container), { env, signal });
    await enter(instance, container, signal);
    await waitForAnswer(instance, isUp, signal);
  } catch (error) {
    await remove(container);
    throw error;
  }
  if (kind.image.data) record.madeBy = 'Docker';
  record.running = { container };
  writeRecord(home, record);
}

export async function isContainerUp(container: string): Promise<boolean> {
  const names = ['ps', '--filter', `name=^${container}$`, '--format', '{{.Names}}'];
  return (await run('docker', names)).trim() === container;
}

export async function stopContainer(container: string): Promise<void> {
  await run('docker', ['stop', container]);
}

async function remove(container: string): Promise<void> {
  await run('docker', ['rm', '--force', container]);
}

function containerName({ kind, home }: Instance): string {
  const project = basename(resolve(home, '../../..')).replaceAll(/[^a-z0-9_.-]/gi, '-');
  return `${project}-${kind.name}-${randomUUID().slice(0, 8)}`;
}

function runArguments({ kind: { image }, record }: Instance, container: string): string[] {
  return [
    'run',
    '--detach',
    '--rm',
    `--name=${container}`,
    `--publish=127.0.0.1:${record.port}:${image.port}`,
    ...(image.data ? [`--volume=${container}:${image.data}`] : []),
    // By name alone: the values are taken from the environment, which nobody else can read.
    ...Object.keys(image.variables(record)).map((name) => `--env=${name}`),
    image.name,
    ...image.command,
  ];
}

async function enter(
  { kind, record }: Instance,
  container: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const entered = kind.image.enter?.(record);
  if (!entered) return;
  const { program, input } = entered;
  const deadline = performance.now() + 120_000;
  for (;;) {
    try {
      await run('docker', ['exec', '--interactive', container, program], { input, signal });
      return;
    } catch (error) {
      // Until its data is made the server in it does not answer, and there is no event for that.
      if (!(await isContainerUp(container)) || performance.now() > deadline) throw error;
      await delay(250, undefined, { signal });
    }
  }
}
