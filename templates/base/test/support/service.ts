import { afterAll, beforeAll } from 'vitest';
import { start } from '#app/lifecycle.ts';
import { createLog } from '#app/log.ts';
import { readSettings, type Settings } from '#app/settings.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { variables } from './variables.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // What an answer holds is for each test to say.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface TestService {
  readonly url: string;
  readonly database: TestDatabase;
  readonly settings: Settings;
  /** What the service has logged so far, a parsed line each. */
  readonly log: Record<string, unknown>[];
  /** Where its mails are. */
  readonly mailFolder: string;
  readonly keysFile: string;
  readonly sealingKeyFile: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Runs the whole service for the tests of a file, on a port and a migrated database of its own.
 *
 * @param environment variables that differ from a plain test service's
 */
export function useService(environment: Record<string, string> = {}): TestService {
  const service = {} as TestService;

  beforeAll(async () => {
    const database = await createTestDatabase();
    Object.assign(service, await startService(database, environment));
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });
  return service;
}

/** Starts the service on a free port, with keys of its own. */
export async function startService(
  database: TestDatabase,
  environment: Record<string, string> = {},
): Promise<TestService> {
  const own = await ownVariables();
  const settings = testSettings(database, { ...own, ...environment });
  const log: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line)) };
  const { url, ...running } = await start(settings, createLog(settings, destination));

  return {
    url,
    database,
    settings,
    log,
    mailFolder: settings.MAIL_FOLDER,
    keysFile: settings.JWT_KEYS_FILE,
    sealingKeyFile: settings.SEALING_KEY_FILE,
    get: (path, headers = {}) => request(url, path, { headers }),
    post: (path, body, headers = {}) =>
      request(url, path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async stop() {
      await running.stop();
    },
  };
}

/** What each service has for itself. */
export async function ownVariables(): Promise<Record<string, string>> {
  const parts = await Promise.all(Object.values(variables).map((make) => make()));
  return Object.assign({}, ...parts);
}

/** Settings for a service on that database, with nothing of a developer's own `.env`. */
export function testSettings(
  { url }: Pick<TestDatabase, 'url'>,
  environment: Record<string, string> = {},
): Settings {
  return readSettings({
    NODE_ENV: 'test',
    APP_ORIGIN: 'http://localhost:3000',
    DATABASE_URL: url,
    PORT: '0',
    SHUTDOWN_DELAY_MS: '0',
    ...environment,
  });
}

/** Sends one request. Takes every status. */
export async function request(url: string, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(new URL(path, url), { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}
