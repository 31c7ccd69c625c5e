// What a rollout starts from: values of the stable revision's units before it, as blocks would have counted them.

import type { MetricName } from "../model/metric.js";
import type { RoutingUnit } from "../model/route.js";
import type { Instant } from "../model/units.js";
import { gridStep } from "./block-grid.js";
import { finishedValues, historySamples, type SessionValues, type TrackedSession } from "./session-values.js";
import { userValues } from "./user-values.js";

/**
 * Values by metric, newest first, of what had ended before an instant. Where the unit is the user, each says one value, of the newest
 * 5-minute cell in which it came: a block would not have more of it either. Sessions that name no user are left out then.
 */
export function stableSamples(
  newestFirst: readonly TrackedSession[],
  { before, unit }: { readonly before: Instant; readonly unit: RoutingUnit },
): Readonly<Record<MetricName, readonly number[]>> {
  const ended = newestFirst
    .map((session) => ({ ...session, tasks: session.tasks.filter(({ endedAt }) => endedAt <= before) }))
    .filter(({ tasks }) => tasks.length > 0);
  if (unit === "session") return historySamples(ended.map(({ tasks }) => finishedValues(tasks)));
  const users = new Map<string, { readonly cell: number; readonly sessions: SessionValues[] }>();
  for (const { user, startedAt, tasks } of ended) {
    if (user === null) continue;
    const cell = Math.floor(startedAt / gridStep);
    const known = users.get(user) ?? { cell, sessions: [] };
    if (known.cell === cell) known.sessions.push(finishedValues(tasks));
    users.set(user, known);
  }
  return historySamples([...users.values()].map(({ sessions }) => userValues(sessions)));
}
