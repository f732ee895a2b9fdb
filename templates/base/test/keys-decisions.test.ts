import { expect, test } from 'vitest';
import {
  decideDropped,
  decidePromotion,
  decideRetirement,
  decideSchedule,
  decideStage,
  isUnfinished,
  nextStep,
  settleSeconds,
  type Decision,
  type Instance,
  type View,
} from '#app/domains/auth/keys/decisions.ts';
import { acceptedKids, newKey, newRing, type Ring } from '#app/domains/auth/keys/ring.ts';

const start = new Date('2026-01-01T00:00:00Z');
const lifetime = 930;
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

const fresh = newRing(start);
const staged = ringOf(decideStage(fresh, newKey(start)));
const promoted = ringOf(decidePromotion(staged, seen([running('a', staged)]), lifetime));

function ringOf(decision: Decision): Ring {
  if ('ring' in decision) return decision.ring;
  throw new Error(JSON.stringify(decision));
}

/** An instance that has taken a ring over. */
function running(id: string, ring: Ring, now = start): Instance {
  return { id, accepts: acceptedKids(ring, now), signs: ring.primary.kid };
}

function seen(live: Instance[], named: string[] = [], now = start): View {
  return { kind: 'seen', now, live, named };
}

test('a staged key is accepted and signs nothing, and is staged once', () => {
  expect(staged.primary).toBe(fresh.primary);
  expect(acceptedKids(staged, start)).toEqual([fresh.primary.kid, staged.next?.kid]);
  expect(decideStage(staged, newKey(start))).toHaveProperty('unchanged');
});

test('a key that was staged long ago is replaced by a fresh one, and a young one is taken up again', () => {
  const young = after(3600);
  expect(nextStep(staged, young)).toBe('promote');
  expect(decideStage(staged, newKey(young))).toEqual({
    unchanged: expect.stringContaining('60 minutes ago'),
  });

  const old = after(3601);
  const replacement = newKey(old);
  expect(nextStep(staged, old)).toBe('stage');
  expect(decideStage(staged, replacement)).toEqual({ ring: { ...fresh, next: replacement } });
});

test('J3: a key is not promoted before every instance accepts it', () => {
  const late = [running('a#1', staged), running('a#2', fresh), running('b#1', fresh)];
  expect(decidePromotion(staged, seen(late), lifetime)).toMatchObject({ pending: ['a#2', 'b#1'] });
  const all = late.map(({ id }) => running(id, staged));
  expect(decidePromotion(staged, seen(all), lifetime)).toHaveProperty('ring');
});

test('J3: a key is not promoted before those that were named are heard from', () => {
  const view = seen([running('a#1', staged)], ['a', 'b']);
  expect(decidePromotion(staged, view, lifetime)).toMatchObject({
    pending: ['b (not heard from)'],
  });
});

test('J3: no key is promoted while the one before the last may still be needed', () => {
  const again = ringOf(decideStage(promoted, newKey(start)));
  const view = seen([running('a', again)]);
  expect(decidePromotion(again, view, lifetime)).toHaveProperty('refused');
  const scheduled = ringOf(decideSchedule(again, view, lifetime));
  const soon = seen([running('a', scheduled)], [], after(lifetime - 1));
  expect(decidePromotion(scheduled, soon, lifetime)).toMatchObject({ notBefore: after(lifetime) });
  const then = seen([running('a', scheduled)], [], after(lifetime));
  expect(decidePromotion(scheduled, then, lifetime)).toHaveProperty('ring');
});

test('promoted again, nothing changes while the key before is accepted; after that no key is staged', () => {
  const [before, again] = [fresh.primary.kid, promoted.primary.kid];
  expect(decidePromotion(promoted, seen([]), lifetime)).toEqual({
    unchanged: `The key ${again} signs already, and ${before} is still accepted.`,
  });
  const scheduled = ringOf(decideSchedule(promoted, seen([]), lifetime));
  expect(decidePromotion(scheduled, seen([]), lifetime)).toHaveProperty('unchanged');
  const over = seen([], [], after(lifetime));
  expect(decidePromotion(scheduled, over, lifetime)).toHaveProperty('refused');
  expect(decidePromotion(fresh, seen([]), lifetime)).toHaveProperty('refused');
});

test('the end of a key is set when nobody signs with it any more', () => {
  const late = seen([running('a', promoted), running('b', staged)]);
  expect(decideSchedule(promoted, late, lifetime)).toMatchObject({ pending: ['b'] });
  const done = seen([running('a', promoted), running('b', promoted)], [], after(60));
  const scheduled = ringOf(decideSchedule(promoted, done, lifetime));
  expect(scheduled.fallback?.retireAt).toEqual(after(60 + lifetime));
});

test('J3: a key does not retire before its last token has expired, and is refused from then on', () => {
  const at = (seconds: number) => seen([running('a', promoted)], [], after(seconds));
  expect(decideRetirement(promoted, at(10 * lifetime))).toHaveProperty('refused');
  const scheduled = ringOf(decideSchedule(promoted, at(0), lifetime));
  expect(decideRetirement(scheduled, at(lifetime - 1))).toHaveProperty('refused');
  expect(acceptedKids(scheduled, after(lifetime - 1))).toContain(fresh.primary.kid);
  expect(acceptedKids(scheduled, after(lifetime))).not.toContain(fresh.primary.kid);
  expect(ringOf(decideRetirement(scheduled, at(lifetime))).fallback).toBeNull();
});

test('where nobody can be seen, time decides; where nobody runs, nothing has to be waited for', () => {
  const unseen = (seconds: number): View => ({ kind: 'unseen', now: after(seconds) });
  const early = decidePromotion(staged, unseen(settleSeconds - 1), lifetime);
  expect(early).toMatchObject({ notBefore: after(settleSeconds) });
  const late = ringOf(decidePromotion(staged, unseen(settleSeconds), lifetime));
  expect(late.fallback?.retireAt).toEqual(after(2 * settleSeconds + lifetime));
  const alone = ringOf(decidePromotion(staged, { kind: 'nobody', now: start }, lifetime));
  expect(alone.fallback?.retireAt).toEqual(after(lifetime));
});

test('an emergency is over when no instance accepts another key', () => {
  const emergency = newRing(start);
  const late = seen([running('a', emergency), running('b', promoted)], ['c']);
  expect(decideDropped(emergency, [], late)).toMatchObject({
    pending: ['b', 'c (not heard from)'],
  });
  expect(decideDropped(emergency, [], seen([running('a', emergency)]))).toBeUndefined();
});

test('an emergency is over too where a key was staged after it, but not where a dropped one is back', () => {
  const emergency = newRing(start);
  const dropped = [fresh.primary.kid];
  const again = ringOf(decideStage(emergency, newKey(start)));
  for (const known of [emergency, again]) {
    expect(decideDropped(again, dropped, seen([running('a', known)]))).toBeUndefined();
  }
  const restored = { ...again, fallback: { ...fresh.primary, retireAt: null } };
  const view = seen([running('a', restored)]);
  expect(decideDropped(restored, dropped, view)).toMatchObject({ pending: ['a'] });
});

test('an emergency that did not end is gone on with for an hour', () => {
  const ring = newRing(start);
  const marked = { ...ring, sessionsToEnd: ring.primary.kid };
  expect(isUnfinished(marked, after(3600))).toBe(true);
  expect(isUnfinished(marked, after(3601))).toBe(false);
  expect(isUnfinished(ring, start)).toBe(false);
});

/** The same numbers in every run (Park and Miller). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/**
 * Four instances that take the stored ring over at times of their own, and are restarted; after each
 * move every instance's tokens are shown to every other.
 *
 * @returns how many tokens were refused
 */
function simulate(seed: number, replace: (ring: Ring, view: View) => Ring): number {
  const random = numbers(seed);
  let ring = newRing(start);
  const held = Array.from({ length: 4 }, () => ring);
  let refused = 0;

  for (let second = 0; second < 3000; second += 1 + random(30)) {
    const now = after(second);
    if (random(2) === 0) held[random(held.length)] = ring;
    const live = held.map((each, index) => running(String(index), each, now));
    ring = replace(ring, seen(live, [], now));
    for (const issuer of held) {
      for (const verifier of held) {
        if (!acceptedKids(verifier, now).includes(issuer.primary.kid)) refused += 1;
      }
    }
  }
  return refused;
}

/** The steps as `rotate` takes them, over and over. */
function staging(ring: Ring, view: View): Ring {
  const decisions = {
    stage: () => decideStage(ring, newKey(view.now)),
    promote: () => decidePromotion(ring, view, lifetime),
    schedule: () => decideSchedule(ring, view, lifetime),
    retire: () => decideRetirement(ring, view),
    none: () => ({ unchanged: '' }),
  };
  const decision = decisions[nextStep(ring, view.now)]();
  return 'ring' in decision ? decision.ring : ring;
}

/** What not to do. */
function inOneStep(ring: Ring, { now }: View): Ring {
  return { ...ring, primary: newKey(now), fallback: { ...ring.primary, retireAt: after(1e6) } };
}

test('whenever instances take a ring over, no fresh token is refused; replaced in one step, many are', () => {
  const seeds = Array.from({ length: 50 }, (_, index) => index + 1);
  expect(seeds.map((seed) => simulate(seed, staging))).toEqual(seeds.map(() => 0));
  expect(simulate(1, inOneStep)).toBeGreaterThan(0);
});
