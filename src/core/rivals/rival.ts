/**
 * Rules that other tools decide canaries by, as their public source states them (STATISTICS section 10), so that their
 * answers can be set beside ours on one stream. Each gets the benefit of the doubt: a tick without data is neutral, and
 * no window is checked before it is full. None of them decides anything in this product.
 */

export type RivalName = "flagger" | "argo" | "kayenta" | "fixed";

/** What one arm's sessions of one tick said of a metric: larger is worse. */
export type RivalArm =
  | { readonly kind: "sums"; readonly count: number; readonly sum: number; readonly squares: number }
  | { readonly kind: "values"; readonly values: readonly number[] };

/** `baseline`: stable sessions of the tick, as many as the canary had, where a rule needs arms of one size. */
export interface RivalArms {
  readonly canary: RivalArm;
  readonly stable: RivalArm;
  readonly baseline: RivalArm;
}

/** Sessions whose outcome came in by `at` (ms) and after the tick before; a metric that it does not know is absent. */
export interface RivalTick {
  readonly at: number;
  readonly metrics: Readonly<Record<string, RivalArms>>;
}

export interface RivalMetric {
  readonly name: string;
  readonly reads: "mean" | "p95";
  /** Stable's value, known before the canary starts; and the largest value that is still acceptable. */
  readonly reference: number;
  readonly limit: number;
}

export interface RivalSettings {
  readonly metrics: readonly RivalMetric[];
  /** A measurement is taken over so many ticks, and once in as many. */
  readonly windowTicks: number;
}

/** When a rule rolls back (ms), and what it would say; null: it never does on this stream. */
export type RivalRollback = { readonly at: number; readonly because: string } | null;

/** A rule, on the whole of a stream. */
export type RivalRule = (settings: RivalSettings, ticks: readonly RivalTick[]) => RivalRollback;

/** The windows that are full, one after the other. */
export function* fullWindows(
  { windowTicks }: RivalSettings,
  ticks: readonly RivalTick[],
): Generator<{ readonly at: number; readonly end: number; readonly ticks: readonly RivalTick[] }> {
  for (let end = windowTicks; end <= ticks.length; end += windowTicks) {
    yield { at: ticks[end - 1]?.at ?? 0, end, ticks: ticks.slice(end - windowTicks, end) };
  }
}

/** The value of a metric over these arms: their mean, or the 95th percentile (nearest rank) of their values; null without data. */
export function measured(arms: readonly RivalArm[], reads: RivalMetric["reads"]): number | null {
  if (reads === "p95") return quantileOf(arms.flatMap((arm) => (arm.kind === "values" ? arm.values : [])));
  let count = 0;
  let sum = 0;
  for (const arm of arms) {
    const sums = sumsOf(arm);
    count += sums.count;
    sum += sums.sum;
  }
  return count === 0 ? null : sum / count;
}

function quantileOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? null;
}

/** Count, sum and sum of squares of an arm. */
export function sumsOf(arm: RivalArm): { readonly count: number; readonly sum: number; readonly squares: number } {
  if (arm.kind === "sums") return arm;
  let sum = 0;
  let squares = 0;
  for (const value of arm.values) {
    sum += value;
    squares += value * value;
  }
  return { count: arm.values.length, sum, squares };
}

/** What one arm said of a metric in these ticks. */
export function armsIn(ticks: readonly RivalTick[], name: string, arm: keyof RivalArms): readonly RivalArm[] {
  return ticks.map(({ metrics }) => metrics[name]?.[arm]).filter((found) => found !== undefined);
}
