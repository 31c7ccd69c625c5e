// Adding up the rows of an eval: four counts, a score, and each item's mean over its trials.

import { type Decimal, decimalOf, decimalText, meanOf } from "../core/gate/decimal.js";
import type { EvalReport } from "./eval-format.js";

/** How one trial of one item went. */
export interface EvalRow {
  readonly item: string;
  /** The items that it goes together with; null: it stands alone. */
  readonly cluster: string | null;
  readonly went: "passed" | "failed" | "errored";
  /** Null for an error. */
  readonly score: number | null;
}

/**
 * The report of all rows. `over` says what the score averages: `rows` gives every scored trial the same weight, so that it is
 * the counts' own rate (passed / (passed + failed)); `items` averages the trials of each item first.
 */
export function tally(rows: readonly EvalRow[], scoreName: string, over: "rows" | "items"): EvalReport {
  const trials = new Map<string, Decimal[]>();
  const unscored = new Set<string>();
  for (const { item, score } of rows) {
    const value = score === null ? null : decimalOf(score);
    if (value === null) unscored.add(item);
    else trials.set(item, [...(trials.get(item) ?? []), value]);
  }
  const means = [...trials].map(([item, values]) => [item, meanOf(values)] as const);
  const byItem: Record<string, number> = Object.create(null);
  for (const [item, mean] of means) if (mean !== null) byItem[item] = Number(decimalText(mean));
  const averaged = over === "rows" ? [...trials.values()].flat() : means.flatMap(([, mean]) => mean ?? []);
  const score = meanOf(averaged);
  const counted = (went: EvalRow["went"]) => rows.filter((row) => row.went === went).length;
  return {
    scoreName,
    score: score === null ? null : decimalText(score),
    passed: counted("passed"),
    failed: counted("failed"),
    errored: counted("errored"),
    byItem: { ...byItem },
    ...clustersOf(rows.filter(({ item }) => trials.has(item))),
    unscored: [...unscored].filter((item) => !trials.has(item)).sort(),
  };
}

function clustersOf(rows: readonly EvalRow[]): Pick<EvalReport, "clusters"> {
  const named = rows.flatMap(({ item, cluster }) => (cluster === null ? [] : [[item, cluster] as const]));
  return named.length === 0 ? {} : { clusters: Object.fromEntries(named) };
}

/** Rows that put their item into another cluster than a row before them, with that one. */
export function strayRows<Row extends Pick<EvalRow, "item" | "cluster">>(
  rows: readonly Row[],
): readonly { readonly row: Row; readonly before: string }[] {
  const first = new Map<string, string>();
  return rows.flatMap((row) => {
    if (row.cluster === null) return [];
    const before = first.get(row.item) ?? row.cluster;
    first.set(row.item, before);
    return before === row.cluster ? [] : [{ row, before }];
  });
}

/** The name of a cluster as a file gives it; null for none, undefined for what is no name. */
export function clusterName(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  const isName = (typeof value === "string" && value !== "") || (typeof value === "number" && Number.isFinite(value));
  return isName ? String(value) : undefined;
}
