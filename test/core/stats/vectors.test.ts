import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { replayCase } from "../../../tooling/stats-case.js";
import { expectClose } from "./closeness.js";

const folder = new URL("../../vectors/stats/", import.meta.url);

interface Case {
  readonly blocks: readonly unknown[];
  readonly expected: readonly { readonly block: number; readonly log_e_fail: number; readonly log_e_pass: number }[];
}

const files = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "plan.json");

describe("reference vectors", () => {
  it("are all there", () => {
    expect(files.length).toBeGreaterThanOrEqual(5);
  });

  it.each(files)("%s is reproduced after every block that it names", (file) => {
    const given = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case;
    const steps = replayCase(given);
    expect(steps).toHaveLength(given.blocks.length);
    for (const wanted of given.expected) {
      const [fail, pass] = steps[wanted.block] ?? [Number.NaN, Number.NaN];
      expectClose(fail, wanted.log_e_fail, { relative: 1e-8, absolute: 1e-12 });
      expectClose(pass, wanted.log_e_pass, { relative: 1e-8, absolute: 1e-12 });
    }
  });
});

describe("a case that cannot be replayed", () => {
  it.each([
    ["no blocks", { kind: "rate", margin: 0.05 }, "`blocks` must be a list"],
    ["an unknown kind", { kind: "ratio", blocks: [] }, "`kind` must be rate, mean or quantile"],
    ["a block without counts", { kind: "rate", margin: 0.05, blocks: [{ nc: 1 }] }, "`ns` is missing"],
    ["more bad than sessions", { kind: "rate", margin: 0.05, blocks: [{ nc: 1, xc: 2, ns: 9, xs: 0 }] }, "impossible"],
    [
      "a mean baseline without a variance",
      { kind: "mean", margin: 0.1, cap: 1, blocks: [], baseline: [9, 1] },
      "variance",
    ],
  ])("%s is refused with its reason", (_, given, message) => {
    expect(() => replayCase(given)).toThrow(message);
  });

  it("a baseline lets a rate bet from the first block on", () => {
    const blocks = [{ nc: 10, xc: 5, ns: 90, xs: 9 }];
    const [without] = replayCase({ kind: "rate", margin: 0.05, blocks });
    const [pair] = replayCase({ kind: "rate", margin: 0.05, blocks, baseline: [200, 0.1] });
    const [named] = replayCase({ kind: "rate", margin: 0.05, blocks, baseline: { sessions: 200, mean: 0.1 } });
    expectClose(without?.[0] ?? Number.NaN, 0, { relative: 0, absolute: 1e-12 });
    expect(pair?.[0]).toBeGreaterThan(1);
    expect(named).toEqual(pair);
  });
});
