// What failed tasks have in common: the first question of every runbook.

import type { TaskRecord } from "./task-record.js";

export interface SharedTrait {
  /** `error: timeout` or `tool: refund`. */
  readonly trait: string;
  readonly tasks: number;
}

/** Errors, tags and revisions that at least two of these tasks share, the most frequent first. */
export function sharedTraits(tasks: readonly TaskRecord[]): readonly SharedTrait[] {
  const counts = new Map<string, number>();
  for (const task of tasks) for (const trait of traitsOf(task)) counts.set(trait, (counts.get(trait) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= 2)
    .map(([trait, count]) => ({ trait, tasks: count }))
    .sort((a, b) => b.tasks - a.tasks || (a.trait < b.trait ? -1 : 1));
}

function traitsOf(task: TaskRecord): ReadonlySet<string> {
  const traits = Object.entries(task.tags).map(([tag, value]) => `${tag}: ${value}`);
  if (task.error !== null) traits.push(`error: ${task.error}`);
  if (task.error === null) traits.push("error: none reported");
  if (task.revision !== null) traits.push(`revision: ${task.revision.slice(0, 9)}`);
  return new Set(traits);
}
