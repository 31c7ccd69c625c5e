// What a proxy has in force, completed from the routing file beside it.

import { compareFences, type LiveState } from "../model/route.js";
import type { Split } from "./split-line.js";

/** The history and the contents are of the routing file, the history only where it is of the same write; all else is the proxy's. */
export function liveBeside(split: Split, written: LiveState): LiveState {
  if (written.kind === "foreign" || written.kind === "unreachable") return written;
  const { observedAt } = written;
  if (written.kind === "empty") {
    return { kind: "serving", ...split, route: { ...split.route, history: [] }, served: {}, observedAt };
  }
  const isSame = written.lineage === split.lineage && compareFences(written.fence, split.fence) === 0;
  const history = isSame ? written.route.history : [];
  return { kind: "serving", ...split, route: { ...split.route, history }, served: written.served, observedAt };
}
