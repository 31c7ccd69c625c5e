// The numbers of a health gate's verdict as plain data: enough to judge it again.

import type { Alarm, Figures, HealthGate } from "../model/gate.js";
import type { Instant, Json } from "../model/units.js";
import type { Finding, HealthFindings } from "./health-finding.js";
import type { HealthMemory } from "./health-memory.js";

export interface FiguresInput {
  readonly gate: HealthGate;
  readonly memory: HealthMemory;
  readonly findings: HealthFindings;
  readonly alarms: readonly Alarm[];
  readonly holdUntil: Instant;
  readonly warnings: readonly string[];
  readonly completedOnly: boolean;
}

/**
 * Snake-case JSON. Evidence is in nats: `log_e_fail_total` fails at `target_fail_total` = ln(1 / alpha), a metric passes
 * when its `log_e_pass` has reached `target_pass` = ln(1 / beta) at some block of the stage. Null: not known.
 */
export function healthFigures(input: FiguresInput): Figures {
  const { gate, memory, findings, alarms, holdUntil } = input;
  const { reading, course, metrics, share } = findings;
  const needs = metrics.filter(({ asked }) => asked).map(({ needsSessions }) => needsSessions ?? 0);
  return {
    ...(findings.unit === "session" ? {} : { unit: findings.unit, without_user: course.userless ?? 0 }),
    canary_sessions: course.sessions.canary,
    stable_sessions: course.sessions.stable,
    share,
    alarms: alarms.length,
    alarm_reasons: alarms.map(({ kind, because }) => `${kind}: ${because}`),
    metrics: metrics.map(metricFigures),
    suspect: reading.failed?.suspect ?? reading.suspect,
    failed_at: reading.failed?.at ?? null,
    log_e_fail_total: finite(reading.failed?.logE ?? reading.logFail),
    target_fail_total: reading.failThreshold,
    needs_sessions: needs.length === 0 ? null : Math.max(...needs),
    min_sessions: gate.minSessions,
    hold_until: holdUntil,
    watermark: memory.watermark,
    horizon: memory.horizon,
    alpha: gate.alpha,
    beta: gate.beta,
    sample_ratio_log_e: finite(reading.sampleRatio.logE),
    missing_telemetry_log_e: finite(reading.missingTelemetry.logE),
    silent: { canary: course.silent.canary, stable: course.silent.stable },
    warnings: input.warnings,
    completed_only: input.completedOnly,
    method: `e-processes on blocks of ${findings.unit}s; interval95 is valid at every look and decides nothing`,
  };
}

function metricFigures(finding: Finding): Json {
  const { metric, state, stable, canary, worsening, rule } = finding;
  return {
    metric,
    state,
    asked: finding.asked,
    stable: finite(stable),
    canary: finite(canary),
    scale: finding.scale,
    /** Positive is worse. */
    difference: finite(worsening?.estimate ?? null),
    interval95: worsening === null ? null : [finite(worsening.low), finite(worsening.high)],
    margin: rule.margin.value,
    tolerance: rule.tolerance.value,
    limit: finite(finding.limit),
    log_e_fail: finite(finding.logFail),
    log_e_pass: finite(finding.logPass),
    target_fail: finite(finding.targetFail),
    target_pass: finite(finding.targetPass),
    needs_sessions: finding.needsSessions,
    missing: finding.missing,
    learning: finding.learning,
    fell_far: finding.fellFar,
    approximate: finding.approximate,
  };
}

/** JSON has no infinities and no NaN. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
