import { describe, expect, it } from "vitest";
import { type BumpRequest, bump } from "../../src/repo/bump.js";

const config = `version: 1
registry: models.yaml   # shared
canary:
  overrides:  # the candidates
agents:
  support:
    steps: [planning, parsing]
    target: live/support.json
  sales:
    steps: [planning]
    target: live/sales.json
  tiny:
    steps: { summary: haiku@1, 'draft': "haiku@1" }
    target: live/tiny.json
`;
const registry = `# one line for each step
planning: opus@1   # the planner
parsing:
  model: haiku
  version: "1"
  params: { temperature: 0.2 }
`;

function bumped(
  changes: Partial<BumpRequest> & Pick<BumpRequest, "step">,
  texts: { config?: string; registry?: string } = {},
) {
  const files = {
    config: { name: "rollout.config.yaml", text: texts.config ?? config },
    registry: { name: "models.yaml", text: texts.registry ?? registry },
  };
  const result = bump({ files, model: "opus@2", agent: null, inPlace: false, ...changes });
  if (!result.ok) return result.problems.map(({ code, detail, hint }) => [code, detail, hint].join(" | "));
  return result.value;
}

/** The lines that are new, by file. */
function news(result: ReturnType<typeof bumped>): Record<string, readonly string[]> {
  if (Array.isArray(result)) throw new Error(result.join("\n"));
  const before: Record<string, string> = { "rollout.config.yaml": config, "models.yaml": registry };
  return Object.fromEntries(
    (result as Exclude<typeof result, readonly string[]>).files.map(({ name, text }) => {
      const old = (before[name] ?? "").split("\n");
      return [name, text.split("\n").filter((line) => !old.includes(line))];
    }),
  );
}

describe("bump", () => {
  it.each([
    ["an override for all", { step: "planning" }, { "rollout.config.yaml": ["    planning: opus@2"] }],
    [
      "an override for one",
      { step: "planning", agent: "sales" },
      { "rollout.config.yaml": ["    overrides:", "      planning: opus@2"] },
    ],
    [
      "an override that keeps params",
      { step: "parsing" },
      { "rollout.config.yaml": ['    parsing: { model: opus, version: "2", params: { temperature: 0.2 } }'] },
    ],
    ["the registry", { step: "planning", inPlace: true }, { "models.yaml": ["planning: opus@2   # the planner"] }],
    ["the registry's map", { step: "parsing", inPlace: true }, { "models.yaml": ["  model: opus", '  version: "2"'] }],
    [
      "the registry for one",
      { step: "planning", agent: "sales", inPlace: true },
      { "models.yaml": ["sales/planning: opus@2"] },
    ],
    [
      "inline steps",
      { step: "draft", inPlace: true },
      { "rollout.config.yaml": [`    steps: { summary: haiku@1, 'draft': "opus@2" }`] },
    ],
  ] as const)("writes %s", (_, changes, expected) => {
    expect(news(bumped(changes))).toEqual(expected);
  });

  it("says which agents it touches, and what changed", () => {
    expect(bumped({ step: "planning" })).toMatchObject({
      agents: ["support", "sales"],
      changes: ["canary.overrides.planning: opus@1 -> opus@2"],
    });
    expect(bumped({ step: "planning", model: "opus@1", inPlace: true })).toMatchObject({ files: [], changes: [] });
  });

  it("changes an override that is there, and keeps what it says besides the model", () => {
    const there = config.replace(
      "overrides:  # the candidates",
      "overrides: { planning: { model: opus, version: '2', params: { top_p: 1 } } } # c",
    );
    const result = bumped({ step: "planning", model: "opus@3" }, { config: there });
    expect(result).toMatchObject({ files: [{ text: there.replace("version: '2'", "version: '3'") }] });
  });

  it.each([
    ["no version", { step: "planning", model: "opus" }, /^repo\/bad-model/],
    [
      "no such step",
      { step: "planing" },
      /^repo\/no-such-step \| No agent has a step "planing".* Did you mean "planning"\?/,
    ],
    [
      "a step of another agent",
      { step: "parsing", agent: "sales" },
      /^repo\/no-such-step \| sales has no step "parsing"/,
    ],
    ["no such agent", { step: "planning", agent: "suport" }, /^repo\/no-such-agent .* Did you mean "support"\?/],
  ])("refuses %s", (_, changes, expected) => {
    expect(bumped(changes)).toEqual([expect.stringMatching(expected)]);
  });

  it("refuses an edit in place that an override masks", () => {
    const masked = config.replace("overrides:  # the candidates", "overrides: { planning: opus@9 }");
    expect(bumped({ step: "planning", inPlace: true }, { config: masked })).toEqual([
      expect.stringMatching(/^repo\/masked-by-override \| canary\.overrides\.planning/),
    ]);
  });
});
