import type { View } from '#app/domains/auth/keys/decisions.ts';
import type { Ring } from '#app/domains/auth/keys/ring.ts';

/** A ring as it may be shown: names and times, and no secret. */
export function presentRing({ next, primary, fallback }: Ring) {
  const { kid, createdAt } = primary;
  return {
    next: next && { kid: next.kid, createdAt: next.createdAt },
    primary: { kid, createdAt },
    fallback: fallback && {
      kid: fallback.kid,
      createdAt: fallback.createdAt,
      retireAt: fallback.retireAt,
    },
  };
}

/** The instances of a view; null where none can be seen. */
export function presentInstances(view: View) {
  return view.kind === 'seen' ? view.live : null;
}

/** The lines that show where the keys stand. */
export function describe(ring: Ring, view: View, silent: readonly string[]): string {
  const { next, primary, fallback } = ring;
  const lines = [`primary   ${primary.kid}  signs, made ${primary.createdAt.toISOString()}`];
  if (next !== null) lines.push(`next      ${next.kid}  is accepted, and signs nothing yet`);
  if (fallback !== null) {
    const end =
      fallback.retireAt === null
        ? '; its end is not set yet'
        : ` until ${fallback.retireAt.toISOString()}`;
    lines.push(`fallback  ${fallback.kid}  is accepted${end}`);
  }
  if (view.kind === 'seen') {
    lines.push(view.live.length === 0 ? 'No instance runs.' : 'Instances:');
    for (const { id, accepts, signs } of view.live) {
      lines.push(`  ${id}  signs with ${signs}, accepts ${accepts.join(', ')}`);
    }
  }
  for (const id of silent) lines.push(`  ${id}  fell silent: was it killed, or cut off?`);
  return lines.join('\n');
}
