import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { AgentId, Instant, RevisionId } from "../../src/core/model/units.js";
import jsonl from "../../src/providers/evals/jsonl.js";
import { recordBaseline, recordEval } from "../../src/repo/record-eval.js";
import { loadRunbooks } from "../../src/runbook/load-runbooks.js";

const root = new URL("../..", import.meta.url).pathname;
const schema = (name: string) => JSON.parse(readFileSync(`${root}/schema/${name}.schema.json`, "utf8"));

/** What a schema of this repository has against a value. */
function complaints(name: string, value: unknown): readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(schema("units"), "units.schema.json");
  const validate = ajv.compile(schema(name));
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe("files that are written agree with their schemas", () => {
  const recorded = recordEval({
    agent: "support" as AgentId,
    revision: `r-${"a".repeat(64)}` as RevisionId,
    suite: "default",
    recordedAt: Date.UTC(2026, 2, 1) as Instant,
    existing: null,
    file: { name: "r.jsonl", text: '{"id":"a","pass":true}\n{"id":"b","error":"x"}\n{"id":"c","pass":false}' },
    formats: [jsonl],
    format: null,
    question: { score: null, provider: null },
  });
  if (!recorded.ok) throw new Error("not recorded");

  it("stamped results", () => {
    expect(complaints("eval-results/stamped", JSON.parse(recorded.value.text))).toEqual([]);
    expect(complaints("eval-results/stamped", {})).not.toEqual([]);
  });

  it("baselines", () => {
    const baseline = recordBaseline(null, [recorded.value.result]);
    expect(complaints("baseline", JSON.parse((baseline.ok && baseline.value.text) || "{}"))).toEqual([]);
  });

  it("the front matter of our own runbooks", async () => {
    for (const { text } of await loadRunbooks(root)) {
      expect(complaints("runbook", parse(text.split("---\n")[1] ?? "", { schema: "core" }))).toEqual([]);
    }
  });
});
