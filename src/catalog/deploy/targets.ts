/** Where a project can be brought to. Several may stand side by side. */
export const targets = ['vps', 'docker', 'kubernetes'] as const;

export type Target = (typeof targets)[number];

/** Where the database of a target is: beside the service, or somebody else's care. */
export const databasePlaces = ['local', 'managed'] as const;

export type DatabasePlace = (typeof databasePlaces)[number];

interface About {
  readonly hint: string;
  /** The settings that it has, beside the domain. */
  readonly settings: readonly Setting[];
}

export type Setting = 'user' | 'path' | 'image' | 'instances' | 'node' | 'db';

export const aboutTargets: Record<Target, About> = {
  vps: {
    hint: 'a server of your own, without containers',
    settings: ['user', 'path', 'instances', 'node', 'db'],
  },
  docker: {
    hint: 'one machine with Docker Compose',
    settings: ['image', 'instances', 'node', 'db'],
  },
  kubernetes: {
    hint: 'a cluster, with a managed database and a registry',
    settings: ['image', 'instances', 'node'],
  },
};

/** The domain where none was given: a name that cannot exist (RFC 2606, section 2). */
export const placeholderDomain = 'app.example.invalid';
