/**
 * The plain figures of an eval against its baseline, item by item: mean difference with its standard errors and 95 %
 * interval, and the exact test on items that flipped. Standard errors follow E. Miller, "Adding Error Bars to Evals"
 * (arXiv 2411.00640).
 */
import { mcnemarP } from "./mcnemar.js";
import { studentTwoSided } from "./student-t.js";

/** One item that both sides scored; trials were averaged before. `cluster`: items that go together, null without clusters. */
export interface Pair {
  readonly baseline: number;
  readonly candidate: number;
  readonly cluster: string | null;
}

export interface PairedDifference {
  readonly items: number;
  readonly baseline: number;
  readonly candidate: number;
  /** Candidate minus baseline: below 0 the candidate is worse. */
  readonly difference: number;
  /** Standard deviation of the items' differences; null below two items. */
  readonly sd: number | null;
  /** Paired standard error of the difference; null below two items. */
  readonly standardError: number | null;
  readonly clusters: ClusteredError | null;
  /** 95 % interval of the difference: Student's t on the clustered error where there are clusters. Null below two items or clusters. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly improved: number;
  readonly regressed: number;
  /** Exact two-sided McNemar, where every score is 0 or 1; otherwise null. */
  readonly mcnemar: number | null;
}

export interface ClusteredError {
  readonly count: number;
  readonly standardError: number;
  /** With the factor G / (G - 1) on the variance, for few clusters. */
  readonly corrected: number;
}

/** The figures of a list of pairs; null for an empty one. */
export function pairedDifference(pairs: readonly Pair[]): PairedDifference | null {
  if (pairs.length === 0) return null;
  const items = pairs.length;
  const differences = pairs.map(({ baseline, candidate }) => candidate - baseline);
  const difference = mean(differences);
  const sd = deviation(differences, difference);
  const standardError = sd === null ? null : sd / Math.sqrt(items);
  const clusters = clusteredError(pairs, difference);
  const flips = {
    improved: differences.filter((d) => d > 0).length,
    regressed: differences.filter((d) => d < 0).length,
  };
  return {
    items,
    baseline: mean(pairs.map(({ baseline }) => baseline)),
    candidate: mean(pairs.map(({ candidate }) => candidate)),
    difference,
    sd,
    standardError,
    clusters,
    interval: isOneCluster(pairs) ? null : intervalOf({ items, difference, standardError, clusters }),
    ...flips,
    mcnemar: pairs.every(isPassFail) ? mcnemarP(flips) : null,
  };
}

function intervalOf(
  figures: Pick<PairedDifference, "items" | "difference" | "standardError" | "clusters">,
): PairedDifference["interval"] {
  const { items, difference, standardError, clusters } = figures;
  const error = clusters?.corrected ?? standardError;
  if (error === null) return null;
  const half = studentTwoSided(0.95, (clusters?.count ?? items) - 1) * error;
  return { low: difference - half, high: difference + half };
}

/** Items that all go together say nothing of how far a difference is chance. */
function isOneCluster(pairs: readonly Pair[]): boolean {
  const first = pairs[0]?.cluster ?? null;
  return first !== null && pairs.every(({ cluster }) => cluster === first);
}

function isPassFail({ baseline, candidate }: Pair): boolean {
  return (baseline === 0 || baseline === 1) && (candidate === 0 || candidate === 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[], centre: number): number | null {
  if (values.length < 2) return null;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Null without clusters, with a single one, or where every item is a cluster of its own. */
function clusteredError(pairs: readonly Pair[], centre: number): ClusteredError | null {
  const sums = new Map<string, number>();
  for (const { baseline, candidate, cluster } of pairs) {
    if (cluster === null) return null;
    sums.set(cluster, (sums.get(cluster) ?? 0) + candidate - baseline - centre);
  }
  const count = sums.size;
  if (count < 2 || count === pairs.length) return null;
  const variance = [...sums.values()].reduce((sum, part) => sum + part * part, 0) / pairs.length ** 2;
  return { count, standardError: Math.sqrt(variance), corrected: Math.sqrt((variance * count) / (count - 1)) };
}
