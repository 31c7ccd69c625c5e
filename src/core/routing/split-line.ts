// A route as one line without spaces: the value of a map's entry in HAProxy (read there with word(n,|)), what nginx's status location answers.

import type { Fence, Route, RoutingRule } from "../model/route.js";
import type { RevisionId, RolloutId, Weight } from "../model/units.js";
import { routableWeight } from "./snapshot-file.js";

/** A route without the history, which a proxy cannot use, and who put it in force. */
export interface Split {
  readonly route: Omit<Route, "history">;
  readonly lineage: string;
  readonly fence: Fence;
}

const none = "-";
/** HAProxy's word() passes over empty fields, so there is none. No encoding of a text ends in a bare percent sign. */
const empty = "%";

/** `1|WEIGHT|SALT|STABLE|CANARY|STATE|EPOCH.SERIAL|LINEAGE|ROLLOUT|ALGO|PREVIOUS`, texts percent-encoded, the weight in basis points. */
export function splitLine({ route, lineage, fence }: Split): string {
  return [
    "1",
    String(route.weight),
    written(route.salt),
    written(route.stable),
    written(route.canary),
    route.fallback ? "fallback" : "split",
    `${fence.epoch}.${fence.serial}`,
    written(lineage),
    written(route.rollout),
    route.algo,
    written(route.previous),
  ].join("|");
}

/** Null for whatever `splitLine` did not write. */
export function readSplitLine(line: string): Split | null {
  const fields = line.split("|");
  if (fields.length !== 11) return null;
  const [format, weight = "", salt, stable, canary, state, fence = "", lineage, rollout, algo = "", previous] = fields;
  const numbers = /^(\d{1,15})\.(\d{1,15})$/.exec(fence);
  if (format !== "1" || numbers === null || !/^\d{1,5}$/.test(weight)) return null;
  if (!isRule(algo) || !routableWeight(algo, Number(weight)) || (state !== "split" && state !== "fallback"))
    return null;
  const names = [salt, stable, canary, lineage, rollout, previous].map(read);
  if (names.includes(undefined)) return null;
  const [saltRead, stableRead, canaryRead, lineageRead, rolloutRead, previousRead] = names;
  if (typeof saltRead !== "string" || typeof stableRead !== "string" || typeof lineageRead !== "string") return null;
  return {
    route: {
      rollout: (rolloutRead ?? null) as RolloutId | null,
      algo,
      salt: saltRead,
      stable: stableRead as RevisionId,
      canary: (canaryRead ?? null) as RevisionId | null,
      weight: Number(weight) as Weight,
      previous: (previousRead ?? null) as RevisionId | null,
      fallback: state === "fallback",
    },
    lineage: lineageRead,
    fence: { epoch: Number(numbers[1]), serial: Number(numbers[2]) },
  };
}

/** A text that is only the sign for none is encoded too, so that it stays a text. */
function written(text: string | null): string {
  if (text === null) return none;
  if (text === "") return empty;
  return text === none ? "%2D" : encodeURIComponent(text);
}

/** Undefined: nothing that `written` gives. */
function read(field: string | undefined): string | null | undefined {
  if (field === none) return null;
  if (field === empty) return "";
  if (field === undefined || field === "") return undefined;
  try {
    return decodeURIComponent(field);
  } catch {
    return undefined;
  }
}

function isRule(text: string): text is RoutingRule {
  return text === "murmur3-32" || text === "md5-100";
}
