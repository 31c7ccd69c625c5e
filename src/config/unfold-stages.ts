// A strategy to its stages: eval, [ready], [window], [approval], weight, canary, [window], [approval], weight, …, full, …, 100 %.

import type { AgentConfig, EvalGateConfig, EvalsConfig, StrategyConfig } from "../core/generated/rollout-config.js";
import type {
  ApprovalGate,
  EvalGate,
  EvalRule,
  Gate,
  HealthGate,
  Stage,
  Undecided,
  WindowGate,
} from "../core/model/gate.js";
import { type Duration, fullWeight, type Weight } from "../core/model/units.js";
import { rolloutConfigDefaults as defaults } from "./generated/rollout-config-shape.js";
import { type HealthSettings, healthSettings } from "./health-settings.js";
import { parseDuration } from "./units/duration.js";
import { readAgain } from "./units/parsed.js";
import { parseScore } from "./units/score.js";
import { parseWeight } from "./units/weight.js";
import { parseDays, parseHours, parseInstant } from "./units/window-times.js";

export interface Unfolding {
  readonly strategy: StrategyConfig;
  readonly agent: AgentConfig;
  readonly sessionTimeout: Duration;
}

export function unfoldStages(unfolding: Unfolding): readonly Stage[] {
  const { strategy, agent } = unfolding;
  const rungs = strategy.ramp.map((entry) => rungOf(entry));
  const evals = evalGate(strategy, agent.evals ?? {});
  const paired = evals.suites.some(({ decision }) => decision === "paired");
  const before = [windowGate(strategy), approvalGate(strategy)].filter((gate) => gate !== null);
  const opening: readonly (Gate | null)[] = [evals, readyGate(agent), ...before];
  const stages: Stage[] = opening.filter((gate) => gate !== null).map(asStage);
  for (const [index, rung] of rungs.entries()) {
    if (index > 0) stages.push(...before.map(asStage));
    stages.push({ kind: "weight", weight: rung.weight });
    const next = rungs[index + 1];
    if (next === undefined) break;
    const name = next.weight === fullWeight ? "full" : "canary";
    const settings = healthSettings(strategy.gates ?? {}, name, { paired, sessionTimeout: unfolding.sessionTimeout });
    stages.push(asStage(healthGate(name, settings, { ...rung, undecided: undecidedOf(strategy) })));
  }
  return stages;
}

interface Rung {
  readonly weight: Weight;
  readonly hold: Duration;
  readonly until: Duration;
}

export function rungOf(entry: StrategyConfig["ramp"][number]): Rung {
  const hold = readAgain(parseDuration(entry.hold ?? defaults["strategies.*.ramp[].hold"]));
  const until = entry.until === undefined ? ((2 * hold) as Duration) : readAgain(parseDuration(entry.until));
  return { weight: readAgain(parseWeight(entry.weight)), hold, until };
}

/** The suites of a strategy's eval gate; one with the defaults where the strategy says nothing. */
export function suitesOf(strategy: Partial<StrategyConfig>): readonly EvalGateConfig[] {
  const written = strategy.gates?.eval ?? {};
  return Array.isArray(written) ? written.filter((suite) => suite !== undefined) : [written];
}

function evalGate(strategy: StrategyConfig, evals: EvalsConfig): EvalGate {
  const suites = suitesOf(strategy);
  const judged = suites.filter(({ skip }) => skip === undefined);
  const skip = judged.length > 0 ? null : (suites[0]?.skip?.because ?? null);
  return {
    kind: "eval",
    name: "eval",
    skip,
    suites: (judged.length > 0 ? judged : suites).map((suite) => evalRule(suite, evals)),
  };
}

function evalRule(suite: EvalGateConfig, evals: EvalsConfig): EvalRule {
  const at = "strategies.*.gates.eval";
  return {
    suite: suite.suite ?? defaults[`${at}.suite`],
    minScore: readAgain(parseScore(evals.min_score ?? suite.min_score ?? defaults[`${at}.min_score`])),
    maxRegression: readAgain(
      parseScore(evals.max_regression ?? suite.max_regression ?? defaults[`${at}.max_regression`]),
    ),
    maxAge: readAgain(parseDuration(evals.max_age ?? suite.max_age ?? defaults[`${at}.max_age`])),
    maxErrors: readAgain(parseScore(evals.max_errors ?? suite.max_errors ?? defaults[`${at}.max_errors`])),
    decision: evals.decision ?? suite.decision ?? defaults[`${at}.decision`],
  };
}

function healthGate(
  name: "canary" | "full",
  settings: HealthSettings,
  at: Rung & { readonly undecided: Undecided },
): HealthGate {
  return { kind: "health", name, ...settings, hold: at.hold, until: at.until, undecided: at.undecided };
}

function undecidedOf(strategy: StrategyConfig): Undecided {
  const written = strategy.undecided ?? defaults["strategies.*.undecided"];
  if (typeof written === "string") return written;
  const { because, min_sessions } = written.proceed;
  return { proceed: { because, minSessions: min_sessions ?? defaults["strategies.*.undecided.proceed.min_sessions"] } };
}

function readyGate(agent: AgentConfig): Gate | null {
  if (agent.ready === undefined) return null;
  return { kind: "ready", name: "ready", skip: agent.ready.skip?.because ?? null, http: agent.ready.http };
}

function approvalGate(strategy: StrategyConfig): ApprovalGate | null {
  const written = strategy.gates?.approval ?? false;
  if (written === false) return null;
  const { life, skip } = written === true ? {} : written;
  const lifeMs = readAgain(parseDuration(life ?? defaults["strategies.*.gates.approval.life"]));
  return { kind: "approval", name: "approval", skip: skip?.because ?? null, life: lifeMs };
}

function windowGate(strategy: StrategyConfig): WindowGate | null {
  const windows = strategy.gates?.windows ?? strategy.windows ?? [];
  const freezes = strategy.gates?.freezes ?? [];
  if (windows.length + freezes.length === 0) return null;
  const at = "strategies.*.gates.windows[]";
  return {
    kind: "window",
    name: "window",
    skip: null,
    windows: windows.map(({ days, hours, zone }) => ({
      days: readAgain(parseDays(days ?? defaults[`${at}.days`])),
      ...readAgain(parseHours(hours ?? defaults[`${at}.hours`])),
      zone: zone ?? defaults[`${at}.zone`],
    })),
    freezes: freezes.map(({ from, to, zone = defaults["strategies.*.gates.freezes[].zone"], because }) => ({
      from: readAgain(parseInstant(from, zone, "start")),
      to: readAgain(parseInstant(to, zone, "end")),
      because,
    })),
  };
}

function asStage(gate: Gate): Stage {
  return { kind: "gate", gate };
}
