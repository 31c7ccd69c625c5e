// Which items of an eval go together: those of one cluster are one unit, because they are not independent of each other.

import type { EvalBaseline, EvalResult } from "../model/gate.js";

/** How the items that are in both fall into clusters. */
export interface Grouping {
  /** The cluster of an item, as the statistics tell clusters apart. An item that names none stands alone, as a cluster of its own. */
  readonly clusterOf: (item: string) => string;
  /** Clusters, single items among them. */
  readonly count: number;
  /** Items that name no cluster. */
  readonly alone: number;
  /** Items that the baseline puts into another cluster than the results do, sorted. */
  readonly moved: readonly string[];
  /** Items of the largest cluster, in sizes of the mean cluster. */
  readonly unevenness: number;
}

/**
 * Where results and baseline name different clusters for an item, the results win, for they say what was run now; the baseline's
 * counts where they name none, so that leaving clusters out makes nothing look surer. Null where no item has a cluster, and
 * where every item is one of its own.
 */
export function groupItems(
  items: readonly string[],
  files: { readonly result: Pick<EvalResult, "clusters">; readonly baseline: Pick<EvalBaseline, "clusters"> },
): Grouping | null {
  const now = nameIn(files.result.clusters);
  const before = nameIn(files.baseline.clusters);
  const clusterOf = (item: string): string => {
    const name = now(item) ?? before(item);
    return name === null ? `item ${item}` : `cluster ${name}`;
  };
  const sizes = new Map<string, number>();
  for (const item of items) sizes.set(clusterOf(item), (sizes.get(clusterOf(item)) ?? 0) + 1);
  const count = sizes.size;
  if (count === items.length) return null;
  const isMoved = (item: string): boolean => {
    const [later, earlier] = [now(item), before(item)];
    return later !== null && earlier !== null && later !== earlier;
  };
  const largest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 1);
  return {
    clusterOf,
    count,
    alone: items.filter((item) => now(item) === null && before(item) === null).length,
    moved: items.filter(isMoved).sort(),
    unevenness: (largest * count) / items.length,
  };
}

function nameIn(clusters: Readonly<Record<string, string>> | undefined): (item: string) => string | null {
  return (item) => (clusters !== undefined && Object.hasOwn(clusters, item) ? (clusters[item] ?? null) : null);
}
