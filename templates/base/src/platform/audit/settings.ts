import { z } from 'zod';

export const auditSettings = {
  /** Where the head of the audit log is kept outside the database. */
  AUDIT_HEAD_URL: z
    .string()
    .refine(isAddress, 'Must be a URL of the form https://host/path, without user and password')
    .optional(),
};

export type AuditSettings = z.infer<z.ZodObject<typeof auditSettings>>;

/** `fetch` takes no user and password in a URL. */
function isAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '';
}
