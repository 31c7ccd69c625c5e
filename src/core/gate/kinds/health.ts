// Live traffic: is the canary proven worse than the tolerance, or proven not worse than the margin? Watches every metric at
// every look, with tests that stay valid however often they look.

import {
  type Alarm,
  type Evidence,
  type GateClock,
  type HealthGate,
  holdOver,
  type Verdict,
} from "../../model/gate.js";
import type { Block } from "../../model/metric.js";
import { hour, type Instant, later, type RolloutId } from "../../model/units.js";
import {
  enteredMemory,
  fitsGate,
  handedOnMemory,
  memoryAfter,
  type Opening,
  openedMemory,
} from "../health-accumulator.js";
import { alarmsOf, namesNobody } from "../health-alarms.js";
import { healthFigures } from "../health-figures.js";
import { type Finding, findHealth, type HealthFindings, sessionsPerHour } from "../health-finding.js";
import type { HealthMemory } from "../health-memory.js";
import {
  approximateText,
  countText,
  evidenceText,
  findingText,
  limitText,
  minuteText,
  worseText,
} from "../health-text.js";

/** A memory before its first block. `history`: stable's session values, newest first; `horizon`: planned canary sessions. */
export function openHealth(opening: Opening): HealthMemory {
  return openedMemory(opening);
}

/** The memory as the next stage's weight takes force: passes start anew, evidence of a fail runs on. */
export function enterHealthStage(
  memory: HealthMemory,
  entry: { readonly gate: HealthGate; readonly stage: number; readonly horizon: number },
): HealthMemory {
  return enteredMemory(memory, entry);
}

/** The memory as the next rollout of the same canary takes it over, before it enters a stage of its own. */
export function handOnHealth(memory: HealthMemory, rollout: RolloutId): HealthMemory {
  return handedOnMemory(memory, rollout);
}

/** The memory after a block; the same memory where the block was counted before, or the memory belongs to another gate. */
export function absorbHealth(memory: HealthMemory, gate: HealthGate, block: Block): HealthMemory {
  return fitsGate(memory, gate) ? memoryAfter(memory, gate, block) : memory;
}

interface Standing {
  readonly gate: HealthGate;
  readonly clock: GateClock;
  readonly memory: HealthMemory;
  readonly findings: HealthFindings;
  readonly alarms: readonly Alarm[];
  readonly holdUntil: Instant;
}
type Opinion = Pick<Verdict, "result" | "because" | "earliest">;

/**
 * Fail before pass: alarms and holds stop a pass, and nothing stops a fail. A metric that says nothing neither passes nor
 * fails. The figures hold every number of the sentence, and those of the metrics that it does not speak of.
 */
export function judgeHealth(gate: HealthGate, evidence: Evidence, clock: GateClock): Verdict {
  if (evidence.kind !== "health") {
    const because =
      evidence.kind === "missing" ? evidence.because : `the ${gate.name} gate was given ${evidence.kind} evidence`;
    return { result: "wait", because, figures: { missing: true }, earliest: null };
  }
  const { memory } = evidence;
  if (!fitsGate(memory, gate)) {
    const because =
      "what was counted belongs to another gate configuration, so it proves nothing here: the gate waits for a memory of its own";
    return { result: "wait", because, figures: { void: true, configuration: memory.configuration }, earliest: null };
  }
  const holdUntil = holdOver(gate, clock);
  const findings = findHealth(memory, gate, clock.now >= holdUntil);
  const alarms = [...evidence.alarms, ...alarmsOf(findings)];
  const opinion = judgeStanding({ gate, clock, memory, findings, alarms, holdUntil });
  const warnings = findings.metrics.filter(({ fellFar }) => fellFar).map(warningText);
  const approximate = approximateText(findings.metrics);
  const because = [
    opinion.because,
    ...warnings,
    ...(approximate === null ? [] : [approximate]),
    ...userlessText(findings.course),
    ...(evidence.completedOnly ? ["completed sessions only"] : []),
  ];
  return {
    ...opinion,
    because: because.join("; "),
    figures: healthFigures({
      gate,
      memory,
      findings,
      alarms,
      holdUntil,
      warnings,
      completedOnly: evidence.completedOnly,
    }),
  };
}

function judgeStanding(standing: Standing): Opinion {
  const { reading, metrics } = standing.findings;
  if (reading.failed !== null) return failed(standing, reading.failed);
  const reasons = [...alarmReasons(standing), ...waits(standing)];
  if (reasons.length > 0) {
    const earliest = standing.alarms.length > 0 ? null : latest(reasons.map((reason) => reason.earliest));
    return { result: "wait", because: reasons.map((reason) => reason.because).join("; "), earliest };
  }
  const proven = metrics.filter(({ state }) => state === "proven").map((finding) => provenText(finding));
  const said = proven.length > 0 ? proven : ["no metric is asked for a pass"];
  const { canary } = standing.findings.course.sessions;
  const because = `${said.join("; ")}; no metric fails; ${countText(canary)} canary ${standing.findings.unit}s`;
  return { result: "pass", because, earliest: null };
}

function failed({ findings }: Standing, proof: NonNullable<HealthFindings["reading"]["failed"]>): Opinion {
  const { metrics, course, reading, unit } = findings;
  const others = metrics.filter(({ state, metric }) => state === "worse" && metric !== proof.suspect);
  const suspect = metrics.find(({ metric }) => metric === proof.suspect);
  const named = [...(suspect === undefined ? [] : [suspect]), ...others].map(worseText);
  const { canary, stable } = course.sessions;
  const proven = `proven worse than the tolerance (${evidenceText(proof.logE, reading.failThreshold)})`;
  const seen = `${countText(canary)} canary and ${countText(stable)} stable ${unit}s at this weight`;
  return { result: "fail", because: `${named.join("; ")}; ${proven}; ${seen}`, earliest: null };
}

interface Reason {
  readonly because: string;
  readonly earliest: Instant | null;
}

function alarmReasons({ alarms }: Standing): readonly Reason[] {
  return alarms.map(({ kind, because }) => ({ because: `alarm ${kind}: ${because}`, earliest: null }));
}

/** Everything that a pass still waits for, alarms apart. */
function waits(standing: Standing): readonly Reason[] {
  const { gate, clock, memory, findings, holdUntil } = standing;
  const { course, metrics, unit } = findings;
  if (course.span === null) {
    const because =
      memory.watermark === null ? `no ${unit} has been seen yet` : `no ${unit} of this weight has been seen yet`;
    return [{ because, earliest: null }];
  }
  // A memory made again from all blocks may still stand at an earlier weight, whose passes are not this stage's.
  if (course.span.end <= clock.since)
    return [{ because: `no ${unit} of this weight has been seen yet`, earliest: null }];
  // The alarm says all that there is to say.
  if (namesNobody(course)) return [];
  const reasons = metrics.filter(isOpen).map((finding) => openReason(standing, finding));
  if (gate.prove.length > 0 && !metrics.some(({ asked, state }) => asked && state !== "not-applicable")) {
    reasons.push({ because: "nothing that could be proven applies to this agent", earliest: null });
  }
  const few = gate.minSessions - course.sessions.canary;
  if (few > 0) {
    const earliest = expectedAt(standing, few / Math.max(findings.share, 1e-4));
    reasons.push({
      because: `a pass needs ${countText(few)} more canary ${unit}s (${countText(course.sessions.canary)} of ${gate.minSessions})`,
      earliest,
    });
  }
  if (clock.now >= holdUntil) return reasons;
  const until = `hold until ${minuteText(holdUntil)}`;
  const proven = metrics.filter(({ state }) => state === "proven").map((finding) => provenText(finding));
  const said = reasons.length === 0 ? [...proven, "proven"] : [];
  return [...reasons, { because: [...said, until].join(", "), earliest: holdUntil }];
}

/** A metric that was asked for and is not proven. One that is missing is an alarm. */
function isOpen({ asked, state }: Finding): boolean {
  return asked && !["proven", "not-applicable", "missing"].includes(state);
}

function openReason(standing: Standing, finding: Finding): Reason {
  if (finding.learning !== null)
    return { because: `${finding.metric} is not bet on yet: ${finding.learning}`, earliest: null };
  const evidence = evidenceText(finding.logPass, finding.targetPass);
  const so = `${findingText(finding)} (${evidence}, margin ${limitText(finding, "margin")})`;
  const needs = finding.needsSessions;
  if (needs === null) return { because: `${finding.metric} is not decided: ${so}`, earliest: null };
  return {
    because: `${finding.metric} needs about ${countText(needs)} more ${finding.unit}s: ${so}`,
    earliest: expectedAt(standing, needs),
  };
}

function provenText(finding: Finding): string {
  const margin = limitText(finding, "margin");
  return `${findingText(finding)}, proven within the margin of ${margin} (${evidenceText(finding.logPass, finding.targetPass)})`;
}

/** Said beside whatever was found; where nobody named a user, that is the finding itself. */
function userlessText({ userless = 0, sessions }: HealthFindings["course"]): readonly string[] {
  if (userless === 0 || namesNobody({ userless, sessions })) return [];
  return [`${countText(userless)} ${userless === 1 ? "session" : "sessions"} without a user left out`];
}

function warningText({ metric, ...rest }: Finding): string {
  return `warning: ${findingText({ metric, ...rest })}: a large fall may be a broken agent`;
}

/** When so many more sessions of both arms are expected at the pace of this stage; null where that is not known. */
function expectedAt({ memory, findings }: Standing, sessions: number): Instant | null {
  const pace = sessionsPerHour(findings.course);
  if (pace === null || memory.watermark === null) return null;
  const hours = sessions / pace;
  return hours > 24 * 366 ? null : later(memory.watermark, Math.ceil(hours * 60) * (hour / 60));
}

/** The latest of all; null as soon as one is not known. */
function latest(instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length < instants.length ? null : (Math.max(...known) as Instant);
}
