// What runs beside the app as long as `npm run dev` does, while the app is started again and again.
import { join } from 'node:path';
import { companions } from './companions.ts';
import { projectFolder, readEnvironment } from './project.ts';

export interface CompanionContext {
  readonly environment: NodeJS.ProcessEnv;
  /** Where it may keep what outlives it. It is not there until it is made. */
  readonly folder: string;
  /** Where the app is by now: its port can change. */
  readonly appOrigin: () => string;
}

export interface Companion {
  /** Variables for the app, given those of its owner, which may have changed since the start. */
  readonly variables: (environment: NodeJS.ProcessEnv) => Record<string, string>;
  /** What is shown beside where the app is: a short name and a text, each. */
  readonly lines: readonly (readonly [name: string, text: string])[];
  close(): Promise<void>;
}

/** Starts something beside the app. Nothing where it is not needed. */
export type StartCompanion = (context: CompanionContext) => Promise<Companion | undefined>;

/** Starts all that there are, as one. */
export async function startCompanions(appOrigin: () => string): Promise<Companion> {
  const environment = readEnvironment();
  const running: Companion[] = [];
  const starts: [string, StartCompanion][] = Object.entries(companions);
  const close = async (): Promise<void> => {
    await Promise.all(running.map(async (companion) => companion.close()));
  };
  try {
    for (const [name, start] of starts) {
      const folder = join(projectFolder, '.shipkit', 'local', name);
      const companion = await start({ environment, folder, appOrigin });
      if (companion) running.push(companion);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    variables: (now) => Object.assign({}, ...running.map(({ variables }) => variables(now))),
    // Asked for when they are shown: where the app is, is known only then.
    get lines() {
      return running.flatMap(({ lines }) => lines);
    },
    close,
  };
}
