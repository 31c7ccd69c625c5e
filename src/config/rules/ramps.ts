// Rules about ramps: they rise, they end at 100 %, and every weight has time.

import type { StrategyConfig } from "../../core/generated/rollout-config.js";
import { fullWeight, type Weight } from "../../core/model/units.js";
import { rolloutConfigDefaults as defaults } from "../generated/rollout-config-shape.js";
import { ownStrategiesOf, type Reading } from "../reading.js";
import { rungOf } from "../unfold-stages.js";
import { readAgain } from "../units/parsed.js";
import { parseWeight, printWeight } from "../units/weight.js";
import type { Rule } from "./rule.js";

export const weightsRise: Rule = (reading) => {
  for (const [name] of ownStrategiesOf(reading)) {
    const weights = readableWeights(reading, name) ?? [];
    for (const [index, weight] of weights.entries()) {
      const before = weights[index - 1];
      if (weight > (before ?? 0)) continue;
      const detail =
        before === undefined
          ? `The first weight of "${name}" is ${printWeight(weight)}, so that its gate would have no canary to look at.`
          : `${printWeight(weight)} is not more than the ${printWeight(before)} before it.`;
      const path = ["strategies", name, "ramp", index, "weight"];
      reading.report.add({ code: "config/weights-do-not-rise", detail, document: reading.document, path });
    }
  }
};

export const rampEnds: Rule = (reading) => {
  for (const [name] of ownStrategiesOf(reading)) {
    const weights = readableWeights(reading, name);
    if (weights === null) continue;
    const path = ["strategies", name, "ramp"];
    const last = weights.at(-1);
    if (last !== fullWeight) {
      const detail =
        last === undefined
          ? `The ramp of "${name}" is empty.`
          : `The ramp of "${name}" ends at ${printWeight(last)}, so that two revisions would serve for ever.`;
      reading.report.add({
        code: "config/ramp-end",
        detail,
        hint: 'Add "- { weight: 100% }" at its end.',
        document: reading.document,
        path: last === undefined ? path : [...path, weights.length - 1, "weight"],
      });
    } else if (weights.length === 1) {
      reading.report.add({
        code: "config/ramp-without-canary",
        detail: `The ramp of "${name}" has no weight below 100 %, so that nothing would be compared before everybody has the new revision.`,
        hint: 'Put a weight in front of it: "- { weight: 5%, hold: 24h }".',
        document: reading.document,
        path,
      });
    }
  }
};

/** The weights of a ramp; null where one of them was refused. */
function readableWeights(reading: Reading, name: string): readonly Weight[] | null {
  const { ramp } = reading.config.strategies?.[name] ?? {};
  if (!Array.isArray(ramp)) return null;
  const weights = ramp.map((entry) => parseWeight(entry?.weight));
  return weights.every((weight) => weight.ok) ? weights.map(readAgain) : null;
}

const defaultHold = defaults["strategies.*.ramp[].hold"];

export const holdsFit: Rule = (reading) => {
  for (const { name, ramp } of readableRamps(reading)) {
    for (const [index, entry] of ramp.entries()) {
      const path = ["strategies", name, "ramp", index];
      const { weight, hold, until } = rungOf(entry);
      const say = (
        code: "config/hold-at-the-end" | "config/until-before-hold" | "config/no-hold",
        key: string,
        detail: string,
      ): void => reading.report.add({ code, detail, document: reading.document, path: [...path, key] });
      if (weight === fullWeight) {
        for (const key of ["hold", "until"] as const) {
          if (entry[key] !== undefined)
            say("config/hold-at-the-end", key, `"${key}" has no effect at 100 %, where the rollout ends.`);
        }
      } else if (until < hold) {
        say(
          "config/until-before-hold",
          "until",
          `"until" is ${entry.until}, and "hold" is ${entry.hold ?? defaultHold}.`,
        );
      } else if (hold === 0) {
        say(
          "config/no-hold",
          "hold",
          `A canary at ${printWeight(weight)} would be judged in the moment in which it begins.`,
        );
      }
    }
  }
};

/** The ramps of the spec that hold nothing refused. */
function readableRamps(reading: Reading): readonly { readonly name: string; readonly ramp: StrategyConfig["ramp"] }[] {
  return ownStrategiesOf(reading).flatMap(([name, { ramp }]) =>
    ramp !== undefined && reading.report.isClean(reading.document, ["strategies", name, "ramp"])
      ? [{ name, ramp }]
      : [],
  );
}
