// Watches floors in both arms, with a rollout or without: each closed block once, then forgotten.

import {
  absorbFloors,
  type FloorArms,
  fitsFloors,
  forgetOthers,
  openFloors,
  provenBreaches,
} from "../core/gate/floor-memory.js";
import type { Floor, FloorBreach } from "../core/model/floor.js";
import type { RoutingUnit, WeightChange } from "../core/model/route.js";
import type { SourceSpec } from "../core/model/spec.js";
import type { AgentState } from "../core/model/state.js";
import { type Duration, day, type Instant, noWeight } from "../core/model/units.js";
import { Fault } from "../ports/fault.js";
import { patience } from "./patience.js";
import type { Charge, Run } from "./run.js";

interface FloorWatching {
  readonly charge: Charge;
  readonly state: AgentState;
  readonly now: Instant;
  /** Keep what was counted; a look that only reads counts it for itself. */
  readonly remember: boolean;
}

/** What the floors are watched by: frozen with the rollout under way, else the spec's. */
interface FloorSettings {
  readonly floors: readonly Floor[];
  readonly sessionTimeout: Duration;
  readonly unit: RoutingUnit;
  readonly source: SourceSpec;
  readonly runbook: string | null;
}

/** The breaches that are proven now. Metrics that cannot be read breach nothing. */
export async function gatherFloors(run: Run, watching: FloorWatching): Promise<readonly FloorBreach[]> {
  const settings = settingsOf(watching);
  const arms = armsOf(watching.state);
  if (settings === null || arms === null || settings.floors.length === 0 || watching.state.retired) return [];
  try {
    return await count(run, watching, { ...settings, arms });
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
}

function settingsOf({ charge: { spec }, state: { rollout } }: FloorWatching): FloorSettings | null {
  const from = rollout ?? spec;
  if (from === null) return null;
  const { floors, source, session, runbook } = from;
  return { floors, source, sessionTimeout: session.timeout, unit: session.unit, runbook };
}

/** The way back that a person asked for is not watched as a canary: it passes no gates either. */
function armsOf({ stable, rollout }: AgentState): FloorArms | null {
  if (stable === null) return null;
  const watched = rollout !== null && rollout.origin === "spec" && rollout.course !== "aborting";
  const canarySince = watched ? (rollout.history[0]?.at ?? null) : null;
  return { stable, canary: canarySince === null ? null : (rollout?.canary ?? null), canarySince };
}

async function count(
  run: Run,
  { charge: { agent }, now, remember }: FloorWatching,
  settings: FloorSettings & { readonly arms: FloorArms },
): Promise<readonly FloorBreach[]> {
  const { store } = run.doors;
  const { floors, sessionTimeout, unit, arms } = settings;
  const source = run.doors.source(settings.source);
  const kept = await store.loadFloors(agent);
  const before = kept !== null && fitsFloors(kept, floors) ? kept : openFloors(floors);
  let memory = forgetOthers(before, arms);
  // What was not counted yet is counted from the beginning of its day on, so that a lost memory is made again as it was.
  const today = (Math.floor((now - sessionTimeout) / day) * day) as Instant;
  const answer = await source.blocks(
    {
      agent,
      stable: arms.stable,
      canary: arms.canary ?? arms.stable,
      unit,
      after: memory.watermark,
      cuts:
        unit === "user"
          ? daysSince(memory.watermark ?? today, now)
          : [{ at: memory.watermark ?? today, weight: noWeight }],
      sessionTimeout,
      now,
    },
    patience(run),
  );
  for (const block of answer.blocks) memory = absorbFloors(memory, block, { floors, arms });
  if (remember && memory !== before) await store.saveFloors(agent, memory);
  return provenBreaches(memory, settings);
}

/** The beginning of each day: floors start anew with it, and a user counts once in it. */
function daysSince(since: Instant, now: Instant): readonly WeightChange[] {
  const first = Math.floor(since / day);
  const count = Math.floor(now / day) - first + 1;
  return Array.from({ length: count }, (_, index) => ({ at: ((first + index) * day) as Instant, weight: noWeight }));
}
