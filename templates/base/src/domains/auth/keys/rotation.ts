// The steps of a rotation, on a stored ring. Each is taken from the slots as they stand, so whoever is
// killed between two of them can begin again, and two who rotate at once do it once.
import { setTimeout as wait } from 'node:timers/promises';
import type { Transaction } from '#app/database/transaction.ts';
import {
  ageOf,
  decideDropped,
  decidePromotion,
  decideRetirement,
  decideSchedule,
  decideStage,
  isStale,
  isUnfinished,
  nextStep,
  type Decision,
  type Refusal,
  type View,
} from './decisions.ts';
import { acceptedKids, newKey, newRing, type Ring } from './ring.ts';
import type { KeyStore } from './store.ts';

/** Milliseconds between two looks at those who are waited for. */
const lookEvery = 250;

export type Step = 'stage' | 'promote' | 'schedule' | 'retire';

/** What was done to the keyring, for the audit log: names of keys, and no secret. */
export interface KeyAct {
  readonly action: `keys.${'created' | 'staged' | 'promoted' | 'scheduled' | 'retired' | 'compromised'}`;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How far a run has come. It is kept while the run goes on: whatever stops that, this was done. */
export interface Progress {
  /** The steps that this run took; none where all of them were taken before. */
  readonly steps: Step[];
  /** The instances that are waited for. */
  pending: readonly string[];
}

export interface RotationDeps {
  readonly store: KeyStore;
  /** Who runs, and the time. */
  readonly look: () => Promise<View>;
  readonly record: (act: KeyAct, tx?: Transaction) => Promise<void>;
  /** Tells the operator how it goes on. */
  readonly say: (sentence: string) => void;
  readonly progress: Progress;
  /** Seconds for which a token may be accepted, the tolerance for clocks included. */
  readonly tokenLifetime: number;
  /** Seconds after which those who are waited for are given up on. */
  readonly timeout: number;
}

/** What a step came to: the ring as it stands then, or why it may not be taken. */
export type Outcome = { readonly ring: Ring; readonly changed: boolean } | Refusal;

/**
 * Takes one step, if it may be taken now. A step that was taken already changes nothing.
 *
 * @param isDue whether the step is still wanted for a ring that somebody else may have changed
 */
export async function takeStep(
  step: Step,
  deps: RotationDeps,
  isDue: (ring: Ring) => boolean = () => true,
): Promise<Outcome> {
  const { store, look, record, say, progress } = deps;
  for (;;) {
    // The ring first: who has joined since then has read this ring, or is seen.
    const { ring, revision } = await store.read();
    if (!isDue(ring)) return { ring, changed: false };
    const decision = decide(step, ring, await look(), deps.tokenLifetime);
    if ('refused' in decision) return decision;
    if ('unchanged' in decision) {
      say(decision.unchanged);
      return { ring, changed: false };
    }
    const act = actOf(step, ring, decision.ring);
    if (await store.replace(revision, decision.ring, (tx) => record(act, tx))) {
      progress.steps.push(step);
      say(sentenceOf(step, ring, decision.ring));
      return { ring: decision.ring, changed: true };
    }
  }
}

/** Takes one step as soon as it may be taken, and gives up after the timeout. */
export async function awaitStep(
  step: Step,
  deps: RotationDeps,
  isDue: (ring: Ring) => boolean,
): Promise<Outcome> {
  return untilAllowed(deps, () => takeStep(step, deps, isDue));
}

/**
 * Rotates the key that signs: stages a new one, lets it sign when everybody accepts it, and sets the
 * end of the one before when nobody signs with that any more. Goes on where one before was left.
 */
export async function rotate(deps: RotationDeps): Promise<Outcome> {
  const { steps } = deps.progress;
  for (;;) {
    const { ring } = await deps.store.read();
    const { now } = await deps.look();
    const step = nextStep(ring, now);
    if (step === 'none') return { ring, changed: steps.length > 0 };
    if (step === 'promote' && !steps.includes('stage')) tellAge(ring, now, deps);
    // Somebody else who rotates may take the step first: then another one is due.
    const isDue = (found: Ring) => nextStep(found, now) === step;
    const outcome = await awaitStep(step, deps, isDue);
    if ('refused' in outcome) return outcome;
  }
}

/** Lets the staged key sign, which was staged before; tells how long ago. */
export async function promoteStaged(deps: RotationDeps): Promise<Outcome> {
  const { ring } = await deps.store.read();
  tellAge(ring, (await deps.look()).now, deps);
  return takeStep('promote', deps);
}

/**
 * Replaces a key that somebody else may have: a new one signs, every other is refused from the
 * moment that an instance takes the ring over.
 *
 * The ring is marked until the sessions have ended as well. Where one was left marked within the last
 * hour, nothing is replaced again: whoever was killed, or could not reach the database, goes on from
 * there.
 *
 * @returns the ring, with the names of the keys that were dropped; none where that was done before
 */
export async function replaceCompromised(
  deps: RotationDeps,
): Promise<{ ring: Ring; dropped: string[] }> {
  const { store, record } = deps;
  for (;;) {
    const { ring: before, revision } = await store.read();
    // By the clock of this machine, so that it is known without a database too.
    if (isUnfinished(before, new Date())) return { ring: before, dropped: [] };
    const { now } = await deps.look();
    const fresh = newRing(now);
    const ring = { ...fresh, sessionsToEnd: fresh.primary.kid };
    const dropped = acceptedKids(before, now);
    const act: KeyAct = {
      action: 'keys.compromised',
      subject: ring.primary.kid,
      detail: { dropped },
    };
    if (await store.replace(revision, ring, (tx) => record(act, tx))) return { ring, dropped };
  }
}

/** Takes the mark of an emergency off the ring, now that the sessions have ended. */
export async function markSessionsEnded(
  { sessionsToEnd }: Ring,
  { store }: Pick<RotationDeps, 'store'>,
): Promise<Ring> {
  for (;;) {
    const { ring, revision } = await store.read();
    // Another emergency since then has a mark of its own.
    if (ring.sessionsToEnd !== sessionsToEnd) return ring;
    const ended = { ...ring, sessionsToEnd: null };
    if (await store.replace(revision, ended, async () => {})) return ended;
  }
}

/**
 * Waits until no instance accepts another key than those of the ring, and none of the dropped ones.
 * The ring is read anew at each look: a rotation that was waiting may have staged a key meanwhile.
 */
export async function untilDropped(
  dropped: readonly string[],
  deps: RotationDeps,
): Promise<Outcome> {
  return untilAllowed(deps, async () => {
    const { ring } = await deps.store.read();
    return decideDropped(ring, dropped, await deps.look()) ?? { ring, changed: false };
  });
}

function tellAge({ next }: Ring, now: Date, { say }: RotationDeps): void {
  if (next === null) return;
  const { kid } = next;
  say(
    isStale(next, now)
      ? `The key ${kid} was staged ${ageOf(next, now)}, and whoever has seen the keyring since then has it. To replace it first: npm run keys -- stage`
      : `The key ${kid} was staged ${ageOf(next, now)}, and is taken up again.`,
  );
}

function decide(step: Step, ring: Ring, view: View, tokenLifetime: number): Decision {
  switch (step) {
    case 'stage':
      return decideStage(ring, newKey(view.now));
    case 'promote':
      return decidePromotion(ring, view, tokenLifetime);
    case 'schedule':
      return decideSchedule(ring, view, tokenLifetime);
    case 'retire':
      return decideRetirement(ring, view);
  }
}

async function untilAllowed(
  { say, timeout, progress }: RotationDeps,
  attempt: () => Promise<Outcome>,
): Promise<Outcome> {
  const deadline = Date.now() + timeout * 1000;
  for (let told: string | undefined; ; await wait(lookEvery)) {
    const outcome = await attempt();
    progress.pending = 'refused' in outcome ? outcome.pending : [];
    if (!('refused' in outcome)) return outcome;
    const { refused, pending, notBefore } = outcome;
    const hopeless = pending.length === 0 && (notBefore === undefined || +notBefore > deadline);
    if (hopeless || Date.now() > deadline) return outcome;
    if (refused !== told) say(refused);
    told = refused;
  }
}

function actOf(step: Step, before: Ring, after: Ring): KeyAct {
  switch (step) {
    case 'stage':
      return {
        action: 'keys.staged',
        subject: after.next?.kid ?? '',
        detail: before.next === null ? {} : { dropped: before.next.kid },
      };
    case 'promote':
      return {
        action: 'keys.promoted',
        subject: after.primary.kid,
        detail: { before: before.primary.kid, retireAt: after.fallback?.retireAt ?? null },
      };
    case 'schedule':
      return {
        action: 'keys.scheduled',
        subject: after.fallback?.kid ?? '',
        detail: { retireAt: after.fallback?.retireAt ?? null },
      };
    case 'retire':
      return { action: 'keys.retired', subject: before.fallback?.kid ?? '', detail: {} };
  }
}

function sentenceOf(step: Step, before: Ring, after: Ring): string {
  switch (step) {
    case 'stage':
      return [
        ...droppedBy(before, after),
        `Staged the key ${after.next?.kid}: it is accepted, and signs nothing yet.`,
      ].join(' ');
    case 'promote':
      return `Promoted the key ${after.primary.kid}: it signs from now on, and ${before.primary.kid} is still accepted.`;
    case 'schedule':
      return `The key ${after.fallback?.kid} retires at ${after.fallback?.retireAt?.toISOString()}, by itself.`;
    case 'retire':
      return `Retired the key ${before.fallback?.kid}.`;
  }
}

function droppedBy({ next: before }: Ring, { next: fresh }: Ring): string[] {
  if (before === null || fresh === null) return [];
  const age = ageOf(before, fresh.createdAt);
  return [`Dropped the key ${before.kid}, which was staged ${age} and has signed nothing.`];
}
