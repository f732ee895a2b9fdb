/** No limits, for tests that are not about them. */
export async function limitVariables(): Promise<Record<string, string>> {
  return { RATE_LIMIT_POINTS: 'unlimited', RATE_LIMIT_ADDRESS_POINTS: 'unlimited' };
}
