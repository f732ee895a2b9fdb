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
  const present = targetsOf(answers);
  return {
    domain,
    image: { name: image?.name ?? name, node: image?.node ?? nodeVersion },
    ...(present.includes('vps') && { vps: { ...vpsDefaults(name), ...given(vps) } }),
    ...(docker && { docker: { instances: instancesByDefault, db: 'local', ...given(docker) } }),
    ...(kubernetes && { kubernetes: { instances: instancesByDefault, ...given(kubernetes) } }),
  };
}

function vpsDefaults(name: string): VpsSettings {
  return {
    user: refuseUser(name) === undefined ? name : `${name}-app`,
    path: `/srv/${name}`,
    instances: instancesByDefault,
    node: nodeVersion,
    db: 'local',
  };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(values: T | undefined): Given<T> {
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}
