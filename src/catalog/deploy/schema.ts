import * as z from 'zod/mini';
import { suggestion } from '../nearest.ts';
import {
  refuseDomain,
  refuseImage,
  refuseInstances,
  refuseNode,
  refusePath,
  refuseUser,
} from './refuse.ts';
import { databasePlaces, targets } from './targets.ts';

const node = z.string().check(refusing(refuseNode));
const instances = z.number().check(refusing(refuseInstances));
const db = z.enum(databasePlaces, {
  error: ({ input }) =>
    `there is no place ${JSON.stringify(input)} for a database: it is ${databasePlaces.join(' or ')}`,
});

/**
 * Where a project is deployed to, as a config file and the manifest have it: a target is there when
 * it was asked for, with what was said about it. The rest has defaults, see `deploymentOf`.
 */
export const deploySchema = z.strictObject({
  domain: z.optional(
    z.pipe(
      z.string().check(refusing(refuseDomain)),
      z.transform((name: string) => name.toLowerCase()),
    ),
  ),
  /** What docker and kubernetes run. */
  image: z.optional(
    z.strictObject({
      name: z.optional(z.string().check(refusing(refuseImage))),
      node: z.optional(node),
    }),
  ),
  vps: z.optional(
    z.strictObject({
      user: z.optional(z.string().check(refusing(refuseUser))),
      path: z.optional(z.string().check(refusing(refusePath))),
      instances: z.optional(instances),
      node: z.optional(node),
      db: z.optional(db),
    }),
  ),
  docker: z.optional(z.strictObject({ instances: z.optional(instances), db: z.optional(db) })),
  kubernetes: z.optional(z.strictObject({ instances: z.optional(instances) })),
});

/** The same as a config file has it, with what has no default: nothing could be deployed without. */
export const completeDeploySchema = deploySchema.check(
  z.superRefine(({ domain, image, docker, kubernetes }, context) => {
    const target = docker === undefined ? 'kubernetes' : 'docker';
    const isInImage = docker !== undefined || kubernetes !== undefined;
    if (isInImage && domain === undefined) {
      context.addIssue(`${target} needs a domain, such as app.example.com`);
    }
    if (kubernetes !== undefined && image?.name === undefined) {
      context.addIssue(
        'kubernetes needs image.name, with its registry, such as registry.example.com/team/app',
      );
    }
  }),
);

export type DeployAnswers = z.infer<typeof deploySchema>;

/** Names that can stand in such an object, for who misspelt one. */
export const deployKeys = [
  ...targets,
  'domain',
  'image',
  'name',
  'node',
  'user',
  'path',
  'instances',
  'db',
];

/** Why there is no such target, as a sentence. */
export function refuseTarget(given: string): string {
  const near = suggestion(given, targets) || `: it is ${targets.join(', ')}`;
  return `there is no target "${given}"${near}`;
}

/** A check that says with the value why it cannot be. */
function refusing<T extends string | number>(refuse: (value: T) => string | undefined) {
  return z.superRefine((value: T, context: z.core.$RefinementCtx<T>) => {
    const reason = refuse(value);
    if (reason !== undefined) context.addIssue(`"${value}" ${reason}`);
  });
}
