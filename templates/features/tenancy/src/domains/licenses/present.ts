import type { License } from './license.ts';

/** A license as callers see it. */
export function presentLicense({ source, plan, seats, entitlements, expiresAt }: License) {
  return {
    source,
    plan: plan ?? null,
    seats: Number.isFinite(seats) ? seats : null,
    entitlements: [...entitlements],
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
