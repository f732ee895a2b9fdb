import type { Database } from '#app/database/database.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import type { Licenses } from '#app/domains/licenses/service.ts';
import type { Log } from '#app/log.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import type { Settings } from '#app/settings.ts';
import { openDeletion, type Deletion } from './deletion/deletion.ts';
import { inPersonWith } from './in-person.ts';
import { openAnswers, type Answers } from './invitations/answers.ts';
import { openInvitations, type Invitations } from './invitations/invitations.ts';
import { startPruning } from './invitations/pruning.ts';
import { openMembers, type Members } from './members/members.ts';
import { openTransfer, type Transfer } from './members/transfer.ts';
import { openOrganizationRows, type Organizations } from './organizations.ts';
import { openSwitching, type Switching } from './sessions/switching.ts';

/** Accounts that have members. */
export interface OrganizationService {
  readonly organizations: Organizations;
  readonly members: Members;
  readonly transfer: Transfer;
  readonly invitations: Invitations;
  readonly answers: Answers;
  readonly switching: Switching;
  readonly deletion: Deletion;
  close(): Promise<void>;
}

export async function openOrganizations(deps: {
  settings: Settings;
  log: Log;
  database: Database;
  sealing: Sealing;
  outbox: Outbox;
  auth: AuthService;
  licenses: Pick<Licenses, 'seatsFor'>;
}): Promise<OrganizationService> {
  const { accessTokens, passwords, policy, throttle } = deps.auth;
  const parts = {
    ...deps,
    accessTokens,
    passwords,
    policy,
    throttle,
    inPerson: inPersonWith(deps),
  };
  const pruning = startPruning(deps);
  const deletion = openDeletion(parts);

  return {
    organizations: openOrganizationRows(parts),
    members: openMembers(parts),
    transfer: openTransfer(parts),
    invitations: openInvitations(parts),
    answers: openAnswers(parts),
    switching: openSwitching(parts),
    deletion,
    close: async () => {
      await Promise.all([pruning.close(), deletion.close()]);
    },
  };
}
