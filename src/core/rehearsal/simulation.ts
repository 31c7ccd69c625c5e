/** One ramp on sessions that are drawn: stable as it is assumed to be, and a canary that is so much worse. */
import { metricKinds, primaryMetric, type StableValues } from "../gate/health-config.js";
import { gridStep } from "../metric/block-grid.js";
import { metricNames } from "../metric/session-values.js";
import type { Block, BlockArm, MetricName, Sample } from "../model/metric.js";
import { type Duration, fullWeight, hour, type Instant, later, type Weight } from "../model/units.js";
import { drawBinomial, drawPoisson, type Random } from "../stats/draws.js";
import { countBlock, lookAt, type Ramp, type RampEnd, type RampSettings, startRamp, weightOf } from "./ramp.js";

/** What is assumed of the traffic; a metric without values is not played, as if no task reported it. */
export interface AssumedTraffic {
  readonly sessionsPerHour: number;
  /** Share of bad sessions on stable. */
  readonly failures: number;
  /** Session values that the other metrics are drawn from, alike in both arms; rates: badness in [0, 1]. */
  readonly values: StableValues;
}

/** What is wrong with the canary: points of task success that it lacks, as a fraction, from so long after the start on. */
export interface Scenario {
  readonly name: string;
  readonly drop: number;
  readonly onset: Duration;
}

export interface SimulatedRun {
  readonly end: RampEnd;
  readonly hours: number;
  /** Sessions that the canary served until then, and how many of them failed that stable would have served well. */
  readonly canarySessions: number;
  readonly harmed: number;
  /** It went on without a pass somewhere, as the policy says. */
  readonly unproven: boolean;
}

export interface SimulationInput {
  readonly ramp: RampSettings;
  readonly sessionTimeout: Duration;
  readonly traffic: AssumedTraffic;
  readonly scenario: Scenario;
  readonly random: Random;
}

const start = 0 as Instant;

/** Plays one ramp to its end. Every weight has an end, so every ramp has. */
export function simulateRun({
  ramp: settings,
  sessionTimeout,
  traffic,
  scenario,
  random,
}: SimulationInput): SimulatedRun {
  let ramp = startRamp(settings, start);
  let canarySessions = 0;
  let harmed = 0;
  const waiting: Block[] = [];
  for (let now = start; ; now = later(now, gridStep)) {
    while (waiting[0] !== undefined && waiting[0].end + sessionTimeout <= now) {
      ramp = countBlock(ramp, waiting.shift() as Block);
    }
    ramp = lookAt(ramp, now);
    if (ramp.end !== null) return resultOf(ramp, ramp.end, { canarySessions, harmed });
    const drop = now >= scenario.onset ? scenario.drop : 0;
    const block = drawBlock(random, { traffic, at: now, weight: weightOf(ramp), drop });
    waiting.push(block);
    canarySessions += block.canary.sessions;
    harmed += drop * block.canary.sessions;
  }
}

function resultOf(
  ramp: Ramp,
  end: RampEnd,
  seen: { readonly canarySessions: number; readonly harmed: number },
): SimulatedRun {
  return { ...seen, end, hours: (end.at - start) / hour, unproven: ramp.steps.some(({ kind }) => kind === "unproven") };
}

function drawBlock(
  random: Random,
  at: { readonly traffic: AssumedTraffic; readonly at: Instant; readonly weight: Weight; readonly drop: number },
): Block {
  const { traffic, weight, drop } = at;
  const sessions = drawPoisson(random, (traffic.sessionsPerHour * gridStep) / hour);
  const canary = drawBinomial(random, sessions, weight / fullWeight);
  const arm = (count: number, failures: number): BlockArm => ({
    sessions: count,
    silent: 0,
    samples: Object.fromEntries(
      metricNames.map((name) => [name, drawSample(random, count, { name, failures, values: traffic.values[name] })]),
    ) as Record<MetricName, Sample>,
  });
  return {
    start: at.at,
    end: later(at.at, gridStep),
    weight,
    stable: arm(sessions - canary, traffic.failures),
    canary: arm(canary, Math.min(traffic.failures + drop, 1)),
  };
}

function drawSample(
  random: Random,
  count: number,
  of: { readonly name: MetricName; readonly failures: number; readonly values: readonly number[] },
): Sample {
  const { name, values } = of;
  if (name === primaryMetric) return { kind: "rate", sessions: count, bad: drawBinomial(random, count, of.failures) };
  if (values.length === 0)
    return metricKinds[name] === "rate" ? { kind: "rate", sessions: 0, bad: 0 } : { kind: "values", values: [] };
  const drawn = Array.from({ length: count }, () => values[Math.floor(random() * values.length)] ?? 0);
  if (metricKinds[name] !== "rate") return { kind: "values", values: drawn };
  return { kind: "rate", sessions: count, bad: drawn.reduce((sum, bad) => sum + bad, 0) };
}
