import { z } from 'zod';

export const auditSettings = {
  /** Where the head of the audit log is kept outside the database. */
  AUDIT_HEAD_URL: z
    .url({ protocol: /^https?$/, error: 'Must be a URL of the form https://host/path' })
    .refine((url) => new URL(url).username === '', 'Must have no user and password before the host')
    .optional(),
};

export type AuditSettings = z.infer<z.ZodObject<typeof auditSettings>>;
