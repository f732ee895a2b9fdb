/** The page that an invitation's link leads to. */
export const invitationPath = '/organizations/invitation';

/** Makes links from APP_ORIGIN alone: what a request calls this host may be an attacker's. */
export function invitationLink(origin: string, token: string): string {
  return `${origin}${invitationPath}?token=${token}`;
}
