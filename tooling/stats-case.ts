/** Reads a case of the reference vectors and plays its blocks through the method of its kind. */
import { absorbMean, openMean } from "../src/core/stats/mean.js";
import { type Betting, logE, type Targets } from "../src/core/stats/process.js";
import { absorbExceedances, openQuantile, type QuantileState } from "../src/core/stats/quantile.js";
import { absorbRate, openRate } from "../src/core/stats/rate.js";

/** The level that every vector is made for. */
const level = 0.05;

/** [log e FAIL, log e PASS] after each block. Throws RangeError where the case is not one of the three kinds. */
export function replayCase(json: unknown): readonly (readonly [number, number])[] {
  const given = record(json, "the case");
  const blocks = given.blocks;
  if (!Array.isArray(blocks)) throw new RangeError("`blocks` must be a list.");
  const records = blocks.map((block, index) => record(block, `blocks[${index}]`));
  if (given.kind === "rate") return replayRate(given, records);
  if (given.kind === "mean") return replayMean(given, records);
  if (given.kind === "quantile") return replayQuantile(given, records);
  throw new RangeError(`\`kind\` must be rate, mean or quantile, not ${JSON.stringify(given.kind)}.`);
}

type Fields = Readonly<Record<string, unknown>>;
type Steps = readonly (readonly [number, number])[];

function replayRate(given: Fields, blocks: readonly Fields[]): Steps {
  const history = baseline(given);
  const opened = openRate({
    ...shared(given),
    margin: number(given, "margin"),
    tolerance: optional(given, "tol") ?? 0,
    history,
  });
  return play(blocks, opened, (state, block) => absorbRate(state, counts(block)));
}

function replayMean(given: Fields, blocks: readonly Fields[]): Steps {
  const history = baseline(given);
  const variance = history?.variance ?? null;
  if (history !== null && variance === null) throw new RangeError("The `baseline` of a mean needs a variance as well.");
  const opened = openMean({
    ...shared(given),
    scale: given.absolute === true ? "absolute" : "relative",
    margin: number(given, "margin"),
    tolerance: optional(given, "tol") ?? 0,
    cap: number(given, "cap"),
    history: history === null ? null : { ...history, variance: variance ?? 0 },
  });
  const sample = (block: Fields, name: string) => ({ kind: "values" as const, values: numbers(block, name) });
  const absorb = (state: typeof opened, block: Fields) =>
    absorbMean(state, { canary: sample(block, "canary"), stable: sample(block, "stable") });
  return play(blocks, opened, absorb);
}

function replayQuantile(given: Fields, blocks: readonly Fields[]): Steps {
  const history = baseline(given);
  const opened = openQuantile({
    ...shared(given),
    q: optional(given, "q") ?? 0.95,
    margin: optional(given, "margin") ?? 0,
    tolerance: optional(given, "tol") ?? 0,
  });
  const { sessions, mean } = history ?? { sessions: 0, mean: 0 };
  const started: QuantileState =
    history === null ? opened : { ...opened, baseline: { sessions, sum: sessions * mean, squares: sessions * mean } };
  const absorb = (state: QuantileState, block: Fields): QuantileState =>
    absorbExceedances(state, {
      canary: number(block, "nc"),
      stable: number(block, "ns"),
      stableAbove: number(block, "xs"),
      canaryAboveTolerance: number(block, "xc"),
      canaryAboveMargin: optional(block, "xcm") ?? number(block, "xc"),
    });
  return play(blocks, started, absorb);
}

function play<State extends Betting>(
  blocks: readonly Fields[],
  opened: State,
  absorb: (state: State, block: Fields) => State,
): Steps {
  let state = opened;
  return blocks.map((block): readonly [number, number] => {
    state = absorb(state, block);
    const { fail, pass } = logE(state);
    return [fail, pass];
  });
}

function shared(given: Fields): { readonly targets: Targets; readonly planned: number | null } {
  const weight = optional(given, "weight") ?? 1;
  return {
    targets: { fail: Math.log(1 / (level * weight)), pass: Math.log(1 / level) },
    planned: optional(given, "horizon"),
  };
}

function counts(block: Fields) {
  return {
    canary: number(block, "nc"),
    stable: number(block, "ns"),
    canaryBad: number(block, "xc"),
    stableBad: number(block, "xs"),
  };
}

/** Pseudo-sessions and mean, as a pair or by name, with the variance behind them where a mean is compared. */
function baseline(
  given: Fields,
): { readonly sessions: number; readonly mean: number; readonly variance: number | null } | null {
  const value = given.baseline;
  if (value === undefined || value === null) return null;
  const entries: Fields = Array.isArray(value)
    ? { sessions: value[0], mean: value[1], variance: value[2] }
    : record(value, "`baseline`");
  const named = (names: readonly string[]): number | null => {
    for (const name of names) if (typeof entries[name] === "number") return entries[name];
    return null;
  };
  const sessions = named(["sessions", "pseudo_sessions", "n", "N"]);
  const sum = named(["sum", "S"]);
  const mean = named(["mean", "rate", "mu", "theta"]) ?? (sum === null || sessions === null ? null : sum / sessions);
  if (sessions === null || mean === null) throw new RangeError("`baseline` must hold pseudo-sessions and a mean.");
  return { sessions, mean, variance: named(["variance", "var", "s2"]) };
}

function record(value: unknown, place: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new RangeError(`${place} must be an object.`);
  return value as Fields;
}

function optional(given: Fields, name: string): number | null {
  const value = given[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) throw new RangeError(`\`${name}\` must be a number.`);
  return value;
}

function number(given: Fields, name: string): number {
  const value = optional(given, name);
  if (value === null) throw new RangeError(`\`${name}\` is missing.`);
  return value;
}

function numbers(given: Fields, name: string): readonly number[] {
  const value = given[name];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "number")) {
    throw new RangeError(`\`${name}\` must be a list of numbers.`);
  }
  return value;
}
