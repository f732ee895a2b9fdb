// The servers of a test run: those that TEST_DATABASE_URL and the like name, else the project's
// private ones. Each test file makes a schema of its own on the database.
import type { TestProject } from 'vitest/node';
import { openServers, type ServerName } from '../../dev/project.ts';

/** Where each of them is. The database's account may create and drop schemas. */
type Urls = { [Name in ServerName as `${Name}Server`]: string };

declare module 'vitest' {
  export interface ProvidedContext extends Urls {}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { urls, leave } = await openServers(({ variables: [variable] }) => `TEST_${variable}`);
  for (const name of Object.keys(urls) as ServerName[])
    project.provide(`${name}Server`, urls[name]);
  return leave;
}
