// What one run of the engine works with: the doors, handed in open, and who is running it.

import type { Judge } from "../core/model/gate.js";
import type { Event } from "../core/model/journal.js";
import type { AgentSpec, SourceSpec, TargetSpec } from "../core/model/spec.js";
import type { AgentId, Digest, Duration, Instant } from "../core/model/units.js";
import type { Calendar } from "../ports/calendar.js";
import type { EvalShelf } from "../ports/eval-shelf.js";
import type { MetricSource } from "../ports/metric-source.js";
import type { Publisher } from "../ports/publisher.js";
import type { Readiness } from "../ports/readiness.js";
import type { StateStore } from "../ports/state-store.js";
import type { TrafficTarget } from "../ports/traffic-target.js";
import type { Rules } from "./rules.js";

export interface Doors {
  readonly store: StateStore;
  readonly target: (target: TargetSpec) => TrafficTarget;
  readonly source: (source: SourceSpec) => MetricSource;
  readonly evals: EvalShelf;
  readonly readiness: Readiness;
  readonly calendar: Calendar;
  readonly publisher: Publisher;
  readonly now: () => Instant;
  readonly judge: Judge;
}

export interface Run {
  readonly doors: Doors;
  /** Of this process alone: who holds the leases. */
  readonly holder: string;
  /** Who acts, by the identity of CI or git: `ada@example.com`, `ci:github 4711`. */
  readonly by: string;
  /** Digest of the plan that is being applied. */
  readonly plan: Digest | null;
  /** A person is watching: adoption and retirement are allowed. */
  readonly person: boolean;
  /** The spec has errors: watch and roll back, raise nothing. */
  readonly watchOnly: boolean;
  /** Set when the run is asked to stop: the effect in flight is finished, nothing new is begun. */
  readonly stop: AbortSignal;
  /** Longest time for one request to a door. */
  readonly patience: Duration;
  /** Told of every entry, after it is durable. */
  readonly onEvent: (agent: AgentId, event: Event) => void;
  /** Asked before each effect; throws a `Fault` ("conflict") where another run has taken over. Left out where no lease is held. */
  readonly mayAct?: () => Promise<void>;
  /** Other rules than the sound ones: for the simulator alone, which breaks them on purpose. */
  readonly rules?: Rules;
}

/** An agent and what the spec says of it; null: it left the spec, or its part has errors. */
export interface Charge {
  readonly agent: AgentId;
  readonly spec: AgentSpec | null;
}
