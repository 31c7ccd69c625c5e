// Rules about what an agent names: its strategy, its runbook, its target, its weights under md5-100.

import { nearest } from "../../core/diagnostic/nearest.js";
import type { AgentConfig } from "../../core/generated/rollout-config.js";
import { rolloutConfigDefaults as defaults } from "../generated/rollout-config-shape.js";
import { agentsOf, builtInStrategies, ownStrategiesOf, strategyOf } from "../reading.js";
import { rungOf } from "../unfold-stages.js";
import { parseDuration } from "../units/duration.js";
import { parsePath } from "../units/repository-path.js";
import { printWeight } from "../units/weight.js";
import type { Rule } from "./rule.js";

export const strategiesAreKnown: Rule = (reading) => {
  const known = [...builtInStrategies(), ...ownStrategiesOf(reading).map(([name]) => name)];
  for (const [name, { strategy }] of agentsOf(reading)) {
    if (strategy === undefined || strategyOf(reading, strategy) !== null) continue;
    const path = ["agents", name, "strategy"];
    if (!reading.report.isClean(reading.document, ["strategies", strategy])) continue;
    const near = nearest(strategy, known);
    const detail = `There is no strategy "${strategy}". Strategies are ${known.join(", ")}.`;
    reading.report.add({
      code: "config/unknown-strategy",
      detail,
      hint: near === null ? null : `Did you mean "${near}"?`,
      document: reading.document,
      path,
    });
  }
};

/** Nobody waits longer for any source, whatever its settings say. */
const longestAnswer = 30_000;

export const sourcesAreWaitedFor: Rule = ({ report, document, ...reading }) => {
  for (const [name, { source }] of agentsOf({ report, document, ...reading })) {
    if (typeof source !== "object" || source.kind !== "command" || source.timeout === undefined) continue;
    const path = ["agents", name, "source", "timeout"];
    const timeout = report.isClean(document, path) ? parseDuration(source.timeout) : null;
    if (!timeout?.ok || timeout.value <= longestAnswer) continue;
    const detail = `Any source is waited for 30 s at the most, and "timeout" is ${source.timeout}.`;
    report.add({ code: "config/bad-value", detail, hint: "Write 30s, or less.", document, path });
  }
};

export const runbooksExist: Rule = ({ report, document, tree, ...reading }) => {
  for (const [name, { runbook }] of agentsOf({ report, document, tree, ...reading })) {
    const path = runbook === undefined ? null : parsePath(runbook);
    if (!path?.ok) continue;
    const found = tree.read(path.value);
    const at = { document, path: ["agents", name, "runbook"] };
    if (found.kind === "symlink") {
      report.add({ code: "config/symlink", detail: `${path.value} leads through a symbolic link.`, ...at });
    } else if (found.kind !== "text") {
      const because = found.kind === "missing" ? "there is no such file" : found.because;
      const hint = "Write the runbook, or take the line out.";
      report.add({
        code: "config/unreadable",
        detail: `The runbook ${path.value} cannot be read: ${because}.`,
        hint,
        ...at,
      });
    }
  }
};

export const targetsStandApart: Rule = (reading) => {
  const owners = new Map<string, string>();
  for (const [name, { target }] of agentsOf(reading)) {
    for (const [written, below] of filesOf(target)) {
      const path = parsePath(written);
      if (!path.ok) continue;
      // File systems that do not tell cases apart would mix these up too.
      const key = path.value.toLowerCase();
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, name);
      else {
        const who = owner === name ? `"${name}" would write` : `"${owner}" and "${name}" would both write`;
        const detail = `${who} ${path.value}${owner === name ? " for two purposes" : ""}.`;
        const hint = owner === name ? "Give each purpose a file of its own." : "Give each of them a file of its own.";
        const at = ["agents", name, "target", ...below];
        reading.report.add({ code: "config/shared-target", detail, hint, document: reading.document, path: at });
      }
    }
  }
};

/** What a target writes into the repository's folder, and where it is named. */
function filesOf(
  target: AgentConfig["target"] | undefined,
): readonly (readonly [string | undefined, readonly string[]])[] {
  if (target === undefined || typeof target === "string") return [[target, []]];
  const files: (readonly [string | undefined, readonly string[]])[] = [[target.path, ["path"]]];
  if (target.kind === "haproxy") files.push([target.map, ["map"]]);
  if (target.kind === "nginx" || target.kind === "litellm") files.push([target.include, ["include"]]);
  if (target.kind === "flagd") files.push([target.flags, ["flags"]]);
  return files;
}

export const percentsAreWhole: Rule = (reading) => {
  for (const [name, { session, strategy = defaults["agents.*.strategy"] }] of agentsOf(reading)) {
    if (session?.algo !== "md5-100" || !reading.report.isClean(reading.document, ["strategies", strategy, "ramp"]))
      continue;
    for (const entry of strategyOf(reading, strategy)?.ramp ?? []) {
      const { weight } = rungOf(entry);
      if (weight % 100 === 0) continue;
      const detail = `"${strategy}" has the weight ${printWeight(weight)}, and md5-100 takes whole percents.`;
      const hint = 'Use "algo: murmur3-32" for finer weights.';
      reading.report.add({
        code: "config/whole-percents",
        detail,
        hint,
        document: reading.document,
        path: ["agents", name, "session", "algo"],
      });
    }
  }
};
