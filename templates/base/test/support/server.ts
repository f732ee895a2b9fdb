// The database server of a test run: TEST_DATABASE_URL, else the project's private one. Each test
// file makes a schema of its own on it.
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../dev/project.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of the server; its account may create and drop schemas. */
    databaseServer: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, leave } = await openDatabase('TEST_DATABASE_URL');
  project.provide('databaseServer', url);
  return leave;
}
