import type { ProjectAnswers } from '../catalog/answers.ts';
import { deploymentOf, targetsOf } from '../catalog/deploy/deployment.ts';
import { placeholderDomain } from '../catalog/deploy/targets.ts';

/** The first instance on a server listens one above the port of development. */
const firstPort = 3001;

/** Pods of the service at most, as many times those that always run. */
const growth = 4;

/**
 * What templates see of a project's deployment, and which of its layers are laid: none without the
 * feature. A target that is not there is null.
 */
export function deployOf({ name, deploy: answers }: ProjectAnswers, features: readonly string[]) {
  const parts = features.includes('deploy') ? targetsOf(answers) : [];
  const { domain, image, vps, docker, kubernetes } = deploymentOf(name, answers);
  const runsImage = parts.some((target) => target !== 'vps');
  return {
    parts: [...parts, ...(runsImage ? ['image'] : [])],
    deploy: {
      domain,
      placeholder: domain === placeholderDomain,
      image,
      vps:
        vps && parts.includes('vps')
          ? { ...vps, localDatabase: vps.db === 'local', ports: portsOf(vps.instances) }
          : null,
      docker:
        docker && parts.length > 0 ? { ...docker, localDatabase: docker.db === 'local' } : null,
      kubernetes:
        kubernetes && parts.length > 0
          ? { ...kubernetes, mostInstances: kubernetes.instances * growth }
          : null,
    },
  };
}

function portsOf(instances: number): { instance: number; port: number }[] {
  return Array.from({ length: instances }, (_, index) => ({
    instance: index + 1,
    port: firstPort + index,
  }));
}
