// What stops a rollout's clock: a pause, and the fallback, while which nobody is routed to the canary and no evidence grows.

import type { FallbackOn, Rollout } from "../model/state.js";
import type { Duration, Instant } from "../model/units.js";

/** A weight has taken force: nothing was left out of its time yet. */
export const unstopped = { pausedFor: 0 as Duration, unservedFor: 0 as Duration } as const;

/** How long the clock has stood still since the weight in force took force. Where both stop it, time counts once. */
export function stoppedFor(
  rollout: Rollout,
  fallback: FallbackOn | null,
  now: Instant,
): { readonly pausedFor: Duration; readonly unservedFor: Duration } {
  const reasons = [rollout.paused, fallback].filter((reason) => reason !== null);
  const first = reasons.length === 0 ? now : Math.min(...reasons.map(({ since }) => since));
  return {
    pausedFor: longer(rollout, rollout.pausedFor, first, now),
    unservedFor: longer(rollout, rollout.unservedFor, fallback?.since ?? now, now),
  };
}

/** What the fallback covers goes on being counted by that. */
export function afterPause(rollout: Rollout, fallback: FallbackOn | null, now: Instant): Rollout {
  if (rollout.paused === null) return rollout;
  const pausedFor = longer(rollout, rollout.pausedFor, rollout.paused.since, fallback?.since ?? now);
  return { ...rollout, paused: null, pausedFor };
}

/** What a pause covers goes on being counted by that. */
export function afterFallback(rollout: Rollout, { since }: FallbackOn, now: Instant): Rollout {
  const pausedFor = longer(rollout, rollout.pausedFor, since, rollout.paused?.since ?? now);
  return { ...rollout, pausedFor, unservedFor: longer(rollout, rollout.unservedFor, since, now) };
}

function longer({ weightSince, startedAt }: Rollout, before: Duration, since: number, until: number): Duration {
  return (before + Math.max(0, until - Math.max(since, weightSince ?? startedAt))) as Duration;
}
