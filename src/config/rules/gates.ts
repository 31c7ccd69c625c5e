// Rules about gates: margins and tolerances, suites, windows, freezes.

import type { StrategyConfig } from "../../core/generated/rollout-config.js";
import { minute } from "../../core/model/units.js";
import type { DocumentPath } from "../document-path.js";
import { rolloutConfigDefaults as defaults } from "../generated/rollout-config-shape.js";
import { metricNames, metricRule, writtenRule } from "../health-settings.js";
import { agentsOf, ownStrategiesOf, type Reading, strategyOf } from "../reading.js";
import { suitesOf } from "../unfold-stages.js";
import { parseDuration, printDuration } from "../units/duration.js";
import { readAgain } from "../units/parsed.js";
import { parseInstant } from "../units/window-times.js";
import type { Rule } from "./rule.js";

const healthGates = ["canary", "full"] as const;

export const marginsHold: Rule = (reading) => {
  for (const { strategy, path } of ownGates(reading)) {
    const { canary = {}, full = {} } = strategy.gates ?? {};
    const isReadable = (metric: string): boolean =>
      healthGates.every((gate) => reading.report.isClean(reading.document, [...path, gate, "metrics", metric]));
    for (const gate of healthGates) {
      const layers = gate === "full" ? [full, canary] : [canary];
      for (const metric of metricNames) {
        const own = writtenRule(layers[0], metric);
        if ((own.margin === undefined && own.tolerance === undefined) || !isReadable(metric)) continue;
        const at = [...path, gate, "metrics", metric];
        const key = metric === "task_success_rate" ? "max_drop" : "max_rise";
        const { margin, tolerance } = metricRule(metric, layers);
        if (margin.value === 0) {
          const detail = `The margin of ${metric} is zero, and no canary can be proven not worse at all.`;
          reading.report.add({ code: "config/no-margin", detail, document: reading.document, path: [...at, key] });
        } else if (tolerance.value > margin.value) {
          const detail = `The tolerance of ${metric} (${own.tolerance}) is larger than its margin (${own.margin ?? "the inherited one"}).`;
          reading.report.add({
            code: "config/tolerance-above-margin",
            detail,
            document: reading.document,
            path: [...at, "tolerance"],
          });
        }
      }
    }
  }
};

export const alphaStandsAtCanary: Rule = ({ report, document, ...reading }) => {
  for (const [name, strategy] of ownStrategiesOf({ report, document, ...reading })) {
    if (strategy.gates?.full?.alpha === undefined) continue;
    const detail = '"alpha" is one budget for the whole rollout, and the gate "full" shares the one of "canary".';
    report.add({
      code: "config/alpha-of-full",
      detail,
      document,
      path: ["strategies", name, "gates", "full", "alpha"],
      part: "key",
    });
  }
};

export const suitesDiffer: Rule = (reading) => {
  for (const { name, strategy, path } of ownGates(reading)) {
    const names = suitesOf(strategy).map(({ suite }) => suite ?? defaults["strategies.*.gates.eval.suite"]);
    for (const [index, suite] of names.entries()) {
      if (names.indexOf(suite) === index) continue;
      const detail = `Two eval suites of "${name}" are called "${suite}".`;
      reading.report.add({
        code: "config/several-suites",
        detail,
        document: reading.document,
        path: [...path, "eval", index],
      });
    }
    if (Array.isArray(strategy.gates?.eval) && names.length === 0) {
      const detail = `"${name}" lists no eval suite, and the eval gate is always on.`;
      const hint = 'To leave it out, write "eval: { skip: { because: … } }".';
      reading.report.add({
        code: "config/several-suites",
        detail,
        hint,
        document: reading.document,
        path: [...path, "eval"],
      });
    }
  }
  for (const [name, agent] of agentsOf(reading)) {
    const strategy = strategyOf(reading, agent.strategy ?? defaults["agents.*.strategy"]);
    const results = agent.evals?.results;
    if (strategy === null || results === undefined || suitesOf(strategy).length < 2 || results.includes("{suite}"))
      continue;
    const detail = `"${name}" has several eval suites, and one file cannot hold the results of all.`;
    const hint = 'Put "{suite}" into the path.';
    reading.report.add({
      code: "config/several-suites",
      detail,
      hint,
      document: reading.document,
      path: ["agents", name, "evals", "results"],
    });
  }
};

export const windowsStandOnce: Rule = (reading) => {
  for (const [name, strategy] of ownStrategiesOf(reading)) {
    if (strategy.windows === undefined || strategy.gates?.windows === undefined) continue;
    const detail = `"${name}" has windows of its own and windows under its gates.`;
    reading.report.add({
      code: "config/windows-twice",
      detail,
      document: reading.document,
      path: ["strategies", name, "windows"],
      part: "key",
    });
  }
};

export const freezesLast: Rule = (reading) => {
  for (const { strategy, path } of ownGates(reading)) {
    if (!reading.report.isClean(reading.document, [...path, "freezes"])) continue;
    for (const [index, { from, to, zone = defaults["strategies.*.gates.freezes[].zone"] }] of (
      strategy.gates?.freezes ?? []
    ).entries()) {
      if (readAgain(parseInstant(from, zone, "start")) < readAgain(parseInstant(to, zone, "end"))) continue;
      const detail = `The freeze ends at ${to}, which is not after ${from}.`;
      reading.report.add({
        code: "config/freeze-ends-early",
        detail,
        document: reading.document,
        path: [...path, "freezes", index, "to"],
      });
    }
  }
};

/** The grid on which blocks of sessions begin. */
const blockMs = 5 * minute;

export const evidenceCanBeFresh: Rule = (reading) => {
  for (const [name, agent] of agentsOf(reading)) {
    const strategyName = agent.strategy ?? defaults["agents.*.strategy"];
    const strategy = strategyOf(reading, strategyName);
    if (strategy === null || !reading.report.isClean(reading.document, ["agents", name, "session"])) continue;
    const timeout = readAgain(parseDuration(agent.session?.timeout ?? defaults["agents.*.session.timeout"]));
    for (const gate of healthGates) {
      const written = strategy.gates?.[gate]?.stale_after;
      if (written === undefined || !parseDuration(written).ok || readAgain(parseDuration(written)) > timeout + blockMs)
        continue;
      const detail = `Sessions of "${name}" may last ${printDuration(timeout)}, so that no evidence is ever younger than that and 5m; "stale_after" is ${written}.`;
      const path = ["strategies", strategyName, "gates", gate, "stale_after"];
      reading.report.add({ code: "config/stale-too-early", detail, document: reading.document, path });
    }
  }
};

interface OwnGates {
  readonly name: string;
  readonly strategy: Partial<StrategyConfig>;
  readonly path: DocumentPath;
}

function ownGates(reading: Reading): readonly OwnGates[] {
  return ownStrategiesOf(reading).map(([name, strategy]) => ({ name, strategy, path: ["strategies", name, "gates"] }));
}
