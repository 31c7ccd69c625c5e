/** The schemas of files that code reads by hand say what that code does; and the example of this repository is valid. */
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { planFileText, readPlanFile } from "../../src/app/plan-file.js";
import { planLife } from "../../src/app/session.js";
import { loadSpec } from "../../src/config/load-spec.js";
import { largestPromptBytes } from "../../src/config/prompt-file.js";
import { yamlLimits } from "../../src/config/read-yaml.js";
import { parseDuration } from "../../src/config/units/duration.js";
import type { Plan } from "../../src/core/model/plan.js";
import type { AgentId, Digest, Instant, RevisionId, Weight } from "../../src/core/model/units.js";
import { readRecord } from "../../src/telemetry/read-record.js";
import { bundleSchema, follow } from "../../tooling/generate/bundle-schema.js";
import { readSchemas, type Schema } from "../../tooling/generate/schema-files.js";

const schemas = readSchemas(".");

function validator(schema: Schema): ValidateFunction {
  return new Ajv2020({ strict: false, allErrors: true }).compile(schema);
}

/** One record with every field of the schema, each as its first example. */
function fullRecord(bundle: Schema): Record<string, unknown> {
  const fields = Object.entries(bundle.properties ?? {});
  return Object.fromEntries(fields.map(([key, property]) => [key, follow(bundle, property).examples?.[0]]));
}

describe.each([
  ["task-record.schema.json", "task"],
  ["session-record.schema.json", "session"],
] as const)("%s", (file, kind) => {
  const bundle = bundleSchema(schemas, file);
  const validate = validator(bundle);
  const full = fullRecord(bundle);
  const isRead = (record: unknown): boolean => readRecord(record, kind).kind === kind;

  test("every field of it is read", () => {
    expect(readRecord(full, kind)).toMatchObject({ kind });
    expect(validate(full)).toBe(true);
  });

  test.each(Object.keys(full))("without %s the reader agrees", (field) => {
    const { [field]: _left, ...rest } = full;
    expect(isRead(rest)).toBe(validate(rest));
  });

  test.each([
    ["an unknown field", { ...full, sucess: true }],
    ["a time that is none", { ...full, started_at: true }],
    ["an agent that is a number", { ...full, agent: 3 }],
    ["nothing", null],
  ])("%s is refused by both", (_, record) => {
    expect([isRead(record), validate(record)]).toEqual([false, false]);
  });
});

test("a saved plan is what its schema says", () => {
  const plan: Plan = {
    format: 1,
    spec: `sha256:${"1".repeat(64)}` as Digest,
    madeAt: 0 as Instant,
    validUntil: 7_200_000 as Instant,
    actions: [
      {
        agent: "support" as AgentId,
        kind: "start",
        from: null,
        to: `r-${"2".repeat(64)}` as RevisionId,
        weightFrom: 0 as Weight,
        weightTo: 500 as Weight,
        because: "planning differs",
        code: null,
        hint: null,
        earliest: null,
        opinions: [],
        changes: [],
        warnings: [],
        progress: null,
        queued: null,
        forecast: [],
        basis: { lineage: "l", epoch: 0, serial: 3, live: "{}" },
      },
    ],
  };
  const text = planFileText(plan);
  const validate = validator(bundleSchema(schemas, "plan.schema.json"));
  expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
  expect(readPlanFile(text, "rollout.plan.json").ok).toBe(true);
});

describe("fixed limits are what the code holds to", () => {
  const limitsAt = (file: string, ...path: readonly string[]): readonly string[] => {
    const node = path.reduce<Schema | undefined>((schema, key) => schema?.properties?.[key], schemas.get(file));
    return (node?.["x-limits"] ?? []).map(({ value }) => value);
  };

  test("the life of a saved plan", () => {
    const [life] = limitsAt("plan.schema.json", "plan", "validUntil");
    expect(parseDuration(life)).toEqual({ ok: true, value: planLife });
  });

  test("the largest prompt", () => {
    const [size] = limitsAt("agent.schema.json", "prompts");
    expect(Number(size?.replace(/ bytes$/, "").replaceAll(" ", ""))).toBe(largestPromptBytes);
  });

  test("the limits of a spec", () => {
    const said = limitsAt("spec.schema.json").map((text) => text.replaceAll(" ", "").replace(/MB$/, "000000"));
    expect(said.map(Number)).toEqual([
      yamlLimits.textBytes,
      yamlLimits.nodes,
      yamlLimits.aliasedNodes,
      yamlLimits.depth,
    ]);
  });
});

describe("the example of this repository", () => {
  test("is valid, and has no warnings", async () => {
    const loaded = await loadSpec({ cwd: "docs/example" });
    expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
    expect(loaded.ok && loaded.value.spec.agents.support).toMatchObject({
      runbook: "runbooks/task-success-drop.md",
      evals: { resultsByDigest: "docs/example/support/evals/{digest}.json" },
    });
  });

  test("pleases the schema that editors load", () => {
    const editor = validator(JSON.parse(readFileSync("schema/rollout.schema.json", "utf8")));
    const spec = parse(readFileSync("rollout.config.yaml", "utf8"));
    expect(editor(spec), JSON.stringify(editor.errors)).toBe(true);
    expect(editor({ ...spec, agents: { support: { ...spec.agents.support, runbok: "x" } } })).toBe(false);
  });

  test.each(["minimal", "own-strategy"])("and so does the %s one of the guide", (name) => {
    const editor = validator(JSON.parse(readFileSync("schema/rollout.schema.json", "utf8")));
    expect(editor(parse(readFileSync(`test/fixtures/config/examples/${name}.yaml`, "utf8")))).toBe(true);
  });

  test("every example of the schema pleases it", () => {
    for (const [file] of schemas) {
      const root = schemas.get(file);
      if (root?.type === undefined && root?.anyOf === undefined) continue;
      const bundle = bundleSchema(schemas, file);
      const validate = validator(bundle);
      for (const example of bundle.examples ?? []) {
        expect(validate(example), `${file} ${JSON.stringify(example)} ${JSON.stringify(validate.errors)}`).toBe(true);
      }
    }
  });

  test("the built-in strategies please it", () => {
    const editor = validator(JSON.parse(readFileSync("schema/rollout.schema.json", "utf8")));
    const { strategies } = bundleSchema(schemas, "spec.schema.json").properties ?? {};
    expect(editor({ version: 1, agents: {}, strategies: strategies?.default })).toBe(true);
  });
});
