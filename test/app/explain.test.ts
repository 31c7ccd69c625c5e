/** Whatever code a plan shows, `rollout explain` knows it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { explain } from "../../src/app/explain.js";
import { diagnostics } from "../../src/core/plan/diagnostics.js";
import { trackedFiles } from "../support/tracked-files.js";

/** In the places of the templates in which codes are made: every name that a gate has. */
const gates = ["eval", "ready", "approval", "window", "canary", "full"];
const made: Readonly<Record<string, readonly string[]>> = {
  "gate/${gate.name}-waits": gates.map((gate) => `gate/${gate}-waits`),
  "gate/${gate.name}-undecided": ["gate/canary-undecided", "gate/full-undecided"],
  'gate/eval-${verdict.result === "fail" ? "fails" : "waits"}': ["gate/eval-fails", "gate/eval-waits"],
};

/** Codes as the planner's sources write them, without their comments. */
const written = trackedFiles()
  .filter((file) => /^src\/(core|engine)\/.*\.ts$/.test(file) && !/diagnostics\.ts$|\/generated\//.test(file))
  .flatMap((file) => {
    const text = readFileSync(file, "utf8").replace(/^\s*(\/\/|\/?\*).*$/gm, "");
    return [
      ...text.matchAll(
        /"((?:rollout|gate|state|drift|target)\/[a-z-]+)"|`((?:rollout|gate|state|drift|target)\/[^`]*)`/g,
      ),
    ];
  })
  .map(([, plain, template]) => plain ?? template ?? "");

const codes = [...new Set(written.flatMap((code) => made[code] ?? [code]))].sort();

test("the sources are read", () => {
  expect(codes.length).toBeGreaterThan(15);
  expect(codes).toContain("rollout/override-masks-edit");
});

test.each(codes)("%s is explained", async (code) => {
  const { view, exit } = await explain({ code, also: [] });
  expect(exit, `${code} has no entry in src/core/plan/diagnostics.ts`).toBe(0);
  expect(view.kind === "document" && view.markdown.length).toBeGreaterThan(100);
});

test("nothing is explained that no plan shows", () => {
  expect(diagnostics.map(({ code }) => code).filter((code) => !codes.includes(code))).toEqual([]);
});

test("no code is explained twice", async () => {
  const { view } = await explain({ code: null, also: [] });
  const all = [...(view.kind === "document" ? view.markdown : "").matchAll(/^- `([^`]+)`/gm)].map(([, code]) => code);
  expect(new Set(all).size).toBe(all.length);
});

test("an unknown code names one that is near", async () => {
  const { view, exit } = await explain({ code: "state/los", also: [] });
  expect([exit, view.kind === "problems" && view.problems[0]?.hint]).toEqual([1, 'Did you mean "state/lost"?']);
});
