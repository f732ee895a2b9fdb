import { z } from 'zod';

export const SessionParams = z.object({ id: z.uuid() });

export const Session = z
  .object({
    id: z.uuid(),
    current: z.boolean().describe('Whether it is the one that asks.'),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().describe('When its refresh token was last exchanged.'),
    ip: z.string().nullable().describe('Where it began.'),
    userAgent: z.string().nullable(),
  })
  .meta({ id: 'Session' });

export const SessionList = z.object({ sessions: z.array(Session) });
