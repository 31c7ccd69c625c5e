import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FoldRequest, foldPromoted } from "../../src/repo/fold.js";
import { desiredEntry, entryText, readSpecModels, type SpecFiles } from "../../src/repo/spec-models.js";

const config = `version: 1
registry: models.yaml
canary:
  overrides:
    planning: opus@2   # the candidate
agents:
  support:
    steps: [planning, parsing]
  sales:
    steps: [planning]
`;
const registry = "# models\nplanning: opus@1   # the planner\nparsing: haiku@1\n";

function specFiles(texts: { readonly config?: string; readonly registry?: string } = {}): SpecFiles {
  return {
    config: { name: "rollout.config.yaml", text: texts.config ?? config },
    registry: { name: "models.yaml", text: texts.registry ?? registry },
  };
}

function folded(request: Partial<FoldRequest>) {
  const files = request.files ?? specFiles();
  const result = foldPromoted({ files, agent: "support", promoted: { planning: "opus@2" }, stable: {}, ...request });
  if (!result.ok) return result.problems.map(({ code, about }) => `${code} ${about}`);
  return Object.fromEntries(result.value.files.map(({ name, text }) => [name, text]));
}

const withoutCandidate = config.replace("    planning: opus@2   # the candidate\n", "");

describe("folding a promoted override", () => {
  it("writes the agent's own line while another user is not promoted", () => {
    expect(folded({})).toEqual({
      "models.yaml": "# models\nplanning: opus@1   # the planner\nsupport/planning: opus@2\nparsing: haiku@1\n",
    });
    expect(folded({ stable: { sales: { planning: "opus@1" } } })).toEqual(folded({}));
  });

  it("writes the shared line and takes the override out when every user is promoted", () => {
    const files = specFiles({ registry: registry.replace("parsing", "support/planning: opus@2\nparsing") });
    expect(folded({ files, agent: "sales", stable: { support: { planning: "opus@2" } } })).toEqual({
      "rollout.config.yaml": withoutCandidate,
      "models.yaml": "# models\nplanning: opus@2   # the planner\nparsing: haiku@1\n",
    });
  });

  it("takes out an override of its own at once", () => {
    const own = withoutCandidate.replace(
      "steps: [planning]\n",
      "steps: [planning]\n    overrides: { planning: opus@2 }\n",
    );
    expect(folded({ files: specFiles({ config: own }), agent: "sales" })).toEqual({
      "rollout.config.yaml": own.replace("{ planning: opus@2 }", "{}"),
      "models.yaml": "# models\nplanning: opus@1   # the planner\nsales/planning: opus@2\nparsing: haiku@1\n",
    });
  });

  it("writes inline steps where they stand", () => {
    const inline =
      'version: 1\nagents:\n  tiny:\n    steps: { planning: "opus@1" }\ncanary: { overrides: { planning: opus@2 } }\n';
    const files = { config: { name: "rollout.config.yaml", text: inline }, registry: null };
    expect(folded({ files, agent: "tiny" })).toEqual({
      "rollout.config.yaml": inline.replace('"opus@1"', '"opus@2"').replace("{ planning: opus@2 }", "{}"),
    });
  });

  it("keeps params, and a newer candidate", () => {
    const newer = config.replace("opus@2", "opus@3");
    expect(
      folded({ files: specFiles({ config: newer }), promoted: { parsing: 'haiku@2 {"temperature":0.2}' } }),
    ).toEqual({
      "models.yaml":
        '# models\nplanning: opus@1   # the planner\nparsing: { model: haiku, version: "2", params: { temperature: 0.2 } }\n',
    });
    expect(folded({ files: specFiles({ config: newer }) })).toHaveProperty(["models.yaml"]);
    expect(folded({ files: specFiles({ config: newer }) })).not.toHaveProperty(["rollout.config.yaml"]);
  });

  it("keeps an override that was taken out before it was folded", () => {
    expect(folded({ files: specFiles({ config: withoutCandidate }) })).toHaveProperty(["models.yaml"]);
  });

  it("is done once", () => {
    const files = specFiles({ registry: registry.replace("parsing", "support/planning: opus@2\nparsing") });
    expect(folded({ files })).toEqual({});
  });

  it("refuses a step that the agent no longer has", () => {
    expect(folded({ promoted: { drafting: "opus@2" } })).toEqual(["repo/no-such-step null"]);
    expect(folded({ agent: "gone" })).toEqual(["repo/no-such-agent null"]);
  });

  const model = fc.constantFrom("a@1", "b@2", "c@3");
  const agents = ["one", "two", "three"] as const;
  const world = fc.record({
    registry: fc.record({
      shared: model,
      own: fc.uniqueArray(fc.tuple(fc.constantFrom(...agents), model), { selector: ([name]) => name }),
    }),
    shared: fc.option(model),
    specs: fc.array(
      fc.record({
        has: fc.boolean(),
        inline: fc.option(model),
        override: fc.option(model),
        named: fc.option(model),
        stable: fc.option(model),
      }),
      { minLength: 3, maxLength: 3 },
    ),
    pick: fc.nat(2),
  });

  it("changes no agent's desired model, and writes the shared line only for all", () => {
    fc.assert(
      fc.property(world, ({ registry, shared, specs, pick }) => {
        const lines = [
          "canary:",
          "  overrides:",
          ...(shared === null ? [] : [`    step: ${shared}`]),
          ...specs.flatMap(({ named }, index) => (named === null ? [] : [`    ${agents[index]}/step: ${named}`])),
          "agents:",
          ...specs.flatMap(({ has, inline, override }, index) => [
            `  ${agents[index]}:`,
            `    steps: ${has || index === pick ? (inline === null ? "[step]" : `{ step: ${inline} }`) : "[]"}`,
            ...(override === null ? [] : [`    overrides: { step: ${override} } # mine`]),
          ]),
        ];
        const files = specFiles({
          config: `${lines.join("\n")}\n`,
          registry: [
            `step: ${registry.shared} # all`,
            ...registry.own.map(([name, value]) => `${name}/step: ${value}`),
            "",
          ].join("\n"),
        });
        const models = readSpecModels(files);
        if (!models.ok) throw new Error("unreadable");
        const agent = agents[pick] ?? "one";
        const value = entryText(desiredEntry(models.value, agent, "step"));
        const stable = Object.fromEntries(
          specs.map((spec, index) => [agents[index] ?? "", spec.stable === null ? {} : { step: spec.stable }]),
        );
        const result = foldPromoted({
          files,
          agent,
          promoted: { step: value },
          stable: { ...stable, [agent]: { step: value } },
        });
        if (!result.ok) throw new Error(JSON.stringify(result.problems));
        const text = (name: string) => result.value.files.find((file) => file.name === name)?.text;
        const after = {
          config: { ...files.config, text: text("rollout.config.yaml") ?? files.config.text },
          registry:
            files.registry === null ? null : { ...files.registry, text: text("models.yaml") ?? files.registry.text },
        };
        const now = readSpecModels(after);
        if (!now.ok) throw new Error("unreadable");
        for (const name of agents) {
          if (!models.value.agents[name]?.steps.includes("step")) continue;
          expect(entryText(desiredEntry(now.value, name, "step"))).toBe(
            entryText(desiredEntry(models.value, name, "step")),
          );
        }
        if (entryText(now.value.registry.step ?? null) !== entryText(models.value.registry.step ?? null)) {
          const users = agents.filter(
            (name) => models.value.agents[name]?.steps.includes("step") && models.value.agents[name]?.inline === null,
          );
          for (const user of users) expect(user === agent ? value : stable[user]?.step).toBe(value);
        }
        expect(
          foldPromoted({
            files: after,
            agent,
            promoted: { step: value },
            stable: { ...stable, [agent]: { step: value } },
          }),
        ).toMatchObject({ ok: true, value: { files: [] } });
        expect(after.config.text).toContain("agents:");
        expect(after.registry?.text).toContain("# all");
      }),
      { numRuns: 300 },
    );
  });
});
