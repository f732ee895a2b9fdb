import { refuseUser } from './refuse.ts';
import type { DeployAnswers } from './schema.ts';
import { type DatabasePlace, placeholderDomain, type Target, targets } from './targets.ts';

/** What was asked for, with the defaults of the rest. */
export interface Deployment {
  readonly domain: string;
  readonly image: { readonly name: string; readonly node: string };
  readonly vps?: VpsSettings;
  readonly docker?: { readonly instances: number; readonly db: DatabasePlace };
  readonly kubernetes?: { readonly instances: number };
}

export interface VpsSettings {
  readonly user: string;
  readonly path: string;
  readonly instances: number;
  readonly node: string;
  readonly db: DatabasePlace;
}

const nodeVersion = '24';
const instancesByDefault = 2;

/** The targets of a project that is deployed: that on a server, where none was asked for. */
export function targetsOf(answers: DeployAnswers | undefined): readonly Target[] {
  const asked = targets.filter((target) => answers?.[target] !== undefined);
  return asked.length === 0 ? ['vps'] : asked;
}

/** The settings of each target of a project. */
export function deploymentOf(name: string, answers: DeployAnswers = {}): Deployment {
  const { domain = placeholderDomain, image, vps, docker, kubernetes } = answers;
  const isOnServer = targetsOf(answers).includes('vps');
  return {
    domain,
    image: { name: image?.name ?? name, node: image?.node ?? nodeVersion },
    ...(isOnServer && { vps: vpsSettings(name, vps) }),
    ...(docker && {
      docker: { instances: docker.instances ?? instancesByDefault, db: docker.db ?? 'local' },
    }),
    ...(kubernetes && {
      kubernetes: { instances: kubernetes.instances ?? instancesByDefault },
    }),
  };
}

function vpsSettings(name: string, vps: DeployAnswers['vps']): VpsSettings {
  return {
    user: vps?.user ?? (refuseUser(name) === undefined ? name : `${name}-app`),
    path: vps?.path ?? `/srv/${name}`,
    instances: vps?.instances ?? instancesByDefault,
    node: vps?.node ?? nodeVersion,
    db: vps?.db ?? 'local',
  };
}
