// Alarms that a health gate finds in its own counts. They hold the ramp, and never roll back.

import type { Alarm } from "../model/gate.js";
import { missingTelemetryThreshold } from "../stats/missing-telemetry.js";
import type { HealthCourse } from "./health-accumulator.js";
import type { HealthFindings } from "./health-finding.js";
import { countText, percentText } from "./health-text.js";

/** Users are counted, and no session of this weight names one. */
export function namesNobody({ userless = 0, sessions }: Pick<HealthCourse, "userless" | "sessions">): boolean {
  return userless > 0 && sessions.canary + sessions.stable === 0;
}

/** A split that is not the planned one, telemetry that is missing unevenly or names no user, and metrics that one arm alone reports. */
export function alarmsOf({ reading, course, share, unit, metrics }: HealthFindings): readonly Alarm[] {
  const alarms: Alarm[] = [];
  const { sessions, silent } = course;
  if (reading.sampleRatio.alarm) {
    const total = sessions.canary + sessions.stable;
    const shown = `${countText(sessions.canary)} of ${countText(total)} ${unit}s (${percentText(sessions.canary / total)})`;
    alarms.push({ kind: "sample-ratio", because: `the canary got ${shown}, planned are ${percentText(share)}` });
  }
  if (reading.missingTelemetry.alarm) {
    const arm = (name: "canary" | "stable"): string =>
      `${countText(silent[name])} of ${countText(sessions[name])} ${name} ${unit}s`;
    const because = `${arm("canary")} and ${arm("stable")} sent no record (evidence ${reading.missingTelemetry.logE.toFixed(1)} of ${missingTelemetryThreshold.toFixed(1)})`;
    alarms.push({ kind: "missing-telemetry", because });
  }
  if (namesNobody(course)) {
    const because = `none of ${countText(course.userless ?? 0)} sessions names its user, and users are what is counted`;
    alarms.push({ kind: "missing-telemetry", because });
  }
  for (const { metric, missing } of metrics) {
    if (missing === null) continue;
    alarms.push({ kind: "missing-telemetry", because: `${metric}: ${missing}` });
  }
  return alarms;
}
