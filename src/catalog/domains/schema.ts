import * as z from 'zod/mini';
import { refuseDomains } from './domains.ts';
import { type Domain, type Field, fieldTypes } from './fields.ts';
import { refuseKeptName } from './names.ts';

const fieldSchema = z.pipe(
  z.strictObject({
    name: z.string(),
    type: z.enum(fieldTypes, { error: () => `there is ${fieldTypes.join(', ')}` }),
    optional: z.optional(z.boolean()),
    unique: z.optional(z.boolean()),
    options: z.optional(z.array(z.string())),
    target: z.optional(z.string()),
  }),
  z.transform(({ name, type, optional, unique, options, target }): Field => ({
    name,
    type,
    ...(optional === true && { optional }),
    ...(unique === true && { unique }),
    ...(options !== undefined && { options }),
    ...(target !== undefined && { target }),
  })),
);

const domainSchema = z.pipe(
  z.strictObject({
    name: z.string().check(z.superRefine(checkName)),
    fields: z.array(fieldSchema),
    admin: z.optional(z.boolean()),
  }),
  z.transform(({ name, fields, admin }): Domain => ({
    name,
    fields,
    ...(admin === true && { admin }),
  })),
);

/** The domains of a project, as a config file and the manifest have them. */
export const domainsSchema: z.ZodMiniType<readonly Domain[]> = z
  .array(domainSchema)
  .check(z.superRefine(checkDomains));

function checkName(name: string, context: z.core.$RefinementCtx<string>): void {
  const reason = refuseKeptName(name);
  if (reason !== undefined) context.addIssue(reason);
}

function checkDomains(domains: Domain[], context: z.core.$RefinementCtx<Domain[]>): void {
  const reason = refuseDomains(domains);
  if (reason !== undefined) context.addIssue(reason);
}
