import type { TestService } from './service.ts';
import { personalTenant, type Tenant } from './tenant.ts';

/** A signed-in user, who acts for an account of their own. */
export type Client = Tenant;

/** Registers a user of the test's own and signs in. */
export const signIn: (service: TestService) => Promise<Client> = personalTenant;

/** Reads a list to its end. @returns what its pages held */
export async function readAll(client: Client, path: string): Promise<Record<string, unknown>[]> {
  const rows = [];
  let cursor = '';
  do {
    const { body } = await client.get(path + cursor);
    rows.push(...body.data);
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  return rows;
}

let last = 0;

/** A number that no other call in this test file has given. */
export function next(): number {
  last += 1;
  return last;
}

/** Day `n` of the year 2026. */
export function day(n: number): string {
  return moment(n).slice(0, 10);
}

/** The first moment of it. */
export function moment(n: number): string {
  return new Date(Date.UTC(2026, 0, n)).toISOString();
}
