// What every traffic target asks of a shift before it touches anything.

import { compareFences, type Fence } from "../core/model/route.js";
import { routableWeight } from "../core/routing/snapshot-file.js";
import { Fault } from "./fault.js";
import type { ShiftAction } from "./traffic-target.js";

/** What is in force before a shift, as far as it says who may replace it. */
export interface ShiftRival {
  readonly lineage: string;
  readonly fence: Fence;
}

/**
 * Throws a `Fault`: "conflict" when something newer is in force, "rejected" when the action cannot be served as it is.
 * Serials of two lineages cannot be compared: another lineage is replaced by a higher epoch alone, as `recover` gives it.
 */
export function checkShift(action: ShiftAction, fence: Fence, rival: ShiftRival | null): void {
  checkContents(action);
  if (rival === null) return;
  const isStranger = rival.lineage !== action.lineage;
  if (isStranger && fence.epoch <= rival.fence.epoch) {
    throw new Fault(
      "conflict",
      `the target carries a split of another state (lineage ${rival.lineage}, epoch ${rival.fence.epoch}), which only a higher epoch replaces`,
    );
  }
  if (compareFences(fence, rival.fence) < 0) {
    throw new Fault("conflict", `fence ${fenceText(fence)} is older than ${fenceText(rival.fence)}, which is in force`);
  }
}

/** `epoch.serial`. */
export function fenceText(fence: Fence): string {
  return `${fence.epoch}.${fence.serial}`;
}

function checkContents({ agent, route, contents }: ShiftAction): void {
  for (const revision of [route.stable, route.canary, route.previous]) {
    if (revision !== null && !contents.some((content) => content.id === revision)) {
      throw new Fault("rejected", `the shift of ${agent} names ${revision} without its content`);
    }
  }
  const weights = [route.weight, ...route.history.map((change) => change.weight)];
  const unroutable = weights.find((weight) => !routableWeight(route.algo, weight));
  if (unroutable !== undefined) {
    throw new Fault("rejected", `${route.algo} cannot route a weight of ${unroutable} basis points`);
  }
  if (route.canary === null && route.weight !== 0) {
    throw new Fault("rejected", `the shift of ${agent} has a weight of ${route.weight} without a canary`);
  }
}
