/** What rollout writes into a team's files: the first spec, a bump, typed names. */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { adopt } from "../../src/app/adopt.js";
import { bump, fold } from "../../src/app/bump.js";
import { generate } from "../../src/app/generate.js";
import { init } from "../../src/app/init.js";
import { plan } from "../../src/app/plan.js";
import { answering } from "../../src/app/refusal.js";
import { validate } from "../../src/app/validate.js";
import type { Answer } from "../../src/views/view.js";
import { beginning, codes, lineOf, planned, prepared } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});
const specFile = "rollout.config.yaml";

describe("init", () => {
  beginWith(() => prepared({ "README.md": "# A team\n" }));
  const first = (agent: string | null = "support", cwd = ""): Promise<Answer> =>
    answering(() => init(at.world({ cwd }), { agent }));
  const check = (cwd = ""): Promise<Answer> => answering(() => validate(at.world({ cwd })));

  test.each([
    ["an empty repository", () => undefined],
    ["prompts", () => at.write("prompts/support/system.md", "Help.\n")],
    ["a folder of prompts with nothing in it", () => mkdirSync(join(at.root, "prompts"))],
    [
      "promptfoo and a workflow folder",
      () => {
        at.write("promptfooconfig.yaml", "prompts: []\n");
        at.write(".github/CODEOWNERS", "* @ada\n");
      },
    ],
  ])("%s: at most 15 lines, valid at once, and adopted with what it says next", async (_, prepare) => {
    prepare();
    const answer = await first();
    expect(answer.exit).toBe(0);
    expect(at.read(specFile).trimEnd().split("\n").length).toBeLessThanOrEqual(15);
    at.git("add", "--all");
    expect(await check()).toMatchObject({ exit: 0, view: { problems: [] } });
    expect((await planned(at)).actions.map(({ kind }) => kind)).toEqual(["adopt"]);
    expect((await adopt(at.world({ interactive: true }), { agent: "support" })).exit).toBe(0);
    expect(
      at
        .git("status", "--short")
        .split("\n")
        .filter((line) => line.startsWith("??")),
    ).toEqual([]);
  });

  test.each([
    ["outside of git", () => at.remove(".git"), false],
    [
      "before the first commit",
      () => {
        at.remove(".git");
        at.git("init", "--quiet");
      },
      true,
    ],
  ])("%s it works too", async (_, prepare, inGit) => {
    prepare();
    at.write("prompts/support/system.md", "Help.\n");
    const next = lineOf(await first());
    // Only what git tracks is a part of a revision.
    expect(next.includes("git add prompts")).toBe(inGit);
    if (inGit) at.git("add", "prompts");
    expect(lineOf(await check())).toBe("");
    expect((await adopt(at.world({ interactive: true }), { agent: "support" })).exit).toBe(0);
    expect((await planned(at)).actions.map(({ kind }) => kind)).toEqual(["none"]);
  });

  test("it never replaces a file", async () => {
    await first();
    const before = at.read(specFile);
    expect(codes(await first("other"))).toEqual(["init/exists"]);
    expect(at.read(specFile)).toBe(before);
  });

  test("what is ignored stays ignored, and is not ignored twice", async () => {
    at.write(".gitignore", "node_modules\n.rollout/\nlive/");
    await first();
    expect(at.read(".gitignore")).toBe("node_modules\n.rollout/\nlive/");
  });

  test("in a folder of the repository its paths still begin at the root", async () => {
    at.write("services/bot/prompts/system.md", "Help.\n");
    await first("bot", "services/bot");
    at.git("add", "--all");
    expect(await check("services/bot")).toMatchObject({ exit: 0, view: { problems: [] } });
    const { view } = await plan(at.world({ cwd: "services/bot" }), { agents: [], out: null, detailedExitcode: false });
    expect(view.kind === "plan" && view.plan.actions.map(({ kind }) => kind)).toEqual(["adopt"]);
    await adopt(at.world({ cwd: "services/bot", interactive: true }), { agent: "bot" });
    expect(at.git("status", "--short")).not.toContain("??");
  });

  test.each([
    ["My Agent!", "my-agent"],
    ["ÄÖÜ", "agent"],
    ["2026", "agent-2026"],
    ["null", "agent-null"],
    ["-x-", "x"],
    ["a".repeat(90), "a".repeat(56)],
  ])("a name that is none becomes one: %s", async (name, agent) => {
    expect((await first(name)).view).toMatchObject({ data: { agent } });
    at.git("add", "--all");
    expect((await check()).exit).toBe(0);
  });

  test("without a name it is the folder's", async () => {
    expect((await first(null)).view).toMatchObject({
      data: {
        agent: basename(at.root)
          .toLowerCase()
          .replaceAll(/[^a-z0-9-]+/g, "-"),
      },
    });
  });
});

describe("bump and fold", () => {
  beginWith(() => prepared(oneAgent));
  const bumping = (
    step: string,
    model: string,
    options: { readonly agent?: string; readonly inPlace?: boolean } = {},
  ): Promise<Answer> =>
    answering(() => bump(at.world(), { step, model, agent: options.agent ?? null, inPlace: options.inPlace ?? false }));

  test("an override, with its comments kept, names what it touches", async () => {
    at.edit(specFile, "strategies:", "# how careful\nstrategies:");
    const answer = await bumping("planning", "opus@2");
    expect([answer.exit, lineOf(answer)]).toEqual([
      0,
      expect.stringMatching(
        /canary\.overrides\.planning: opus@1 -> opus@2\nwrote rollout\.config\.yaml\nTouches one agent: support\./,
      ),
    ]);
    expect(at.read(specFile)).toContain("# how careful");
    expect((await validate(at.world())).exit).toBe(0);
  });

  test("the same again changes nothing", async () => {
    await bumping("planning", "opus@2");
    const before = at.read(specFile);
    expect(lineOf(await bumping("planning", "opus@2"))).toBe("planning is opus@2 already: nothing was changed.");
    expect(at.read(specFile)).toBe(before);
  });

  test("in place it edits the registry", async () => {
    await bumping("parsing", "haiku@2", { inPlace: true });
    expect([at.read("registry/models.yaml"), at.read(specFile)]).toEqual([
      expect.stringContaining("parsing: haiku@2"),
      oneAgent[specFile],
    ]);
  });

  test.each([
    ["a step that nobody has", "planing", "opus@2", {}],
    ["a model without a version", "planning", "opus", {}],
    ["an agent that nobody knows", "planning", "opus@2", { agent: "sales" }],
  ])("%s is refused, and no file is touched", async (_, step, model, options) => {
    const answer = await bumping(step, model, options);
    expect([answer.exit, codes(answer)]).toEqual([1, [expect.stringMatching(/^repo\//)]]);
    expect(at.git("status", "--short")).toBe("");
  });

  test("a spec with errors is not edited", async () => {
    at.edit(specFile, "strategy: quick", "strategy: quik");
    expect(codes(await bumping("planning", "opus@2"))).toEqual(["config/unknown-strategy"]);
  });

  test("an agent that nobody adopted has nothing to fold", async () => {
    expect(lineOf(await answering(() => fold(at.world(), { agent: "support" })))).toMatch(/has no promoted override/);
  });
});

describe("generate", () => {
  const twoNames = `${oneAgent[specFile]}  support_two:
    steps: [planning]
    strategy: quick
    target: live/two.json
  2nd.agent:
    steps: { answer: opus@1 }
    target: live/2nd.json
`;
  beginWith(() => prepared({ ...oneAgent, [specFile]: twoNames }));
  const out = "src/rollout.types.ts";
  const generating = (check: boolean): Promise<Answer> => answering(() => generate(at.world(), { out, check }));

  test("check says whether it is up to date, and writes nothing", async () => {
    expect((await generating(true)).exit).toBe(1);
    expect(at.git("status", "--short")).toBe("");
    expect((await generating(false)).exit).toBe(0);
    const stamp = await at.world().files.stamp(join(at.root, out));
    expect([(await generating(true)).exit, (await generating(false)).exit]).toEqual([0, 0]);
    expect(await at.world().files.stamp(join(at.root, out))).toBe(stamp);
    at.edit("registry/models.yaml", "haiku@1", "haiku@2");
    expect((await generating(true)).exit).toBe(0);
    at.edit(specFile, "steps: [planning, parsing]", "steps: [planning]");
    expect((await generating(true)).exit).toBe(1);
  });

  test("a misspelt step or prompt does not compile, and everything else does", async () => {
    await generating(false);
    const lines = [
      'import { openRouter } from "@rollout-engine/rollout/sdk";',
      'import type { SupportPrompts, SupportRouter, SupportSteps } from "./rollout.types.js";',
      'const router: SupportRouter = await openRouter<SupportSteps, SupportPrompts>("live/support.json");',
      'const route = router.route("a session");',
      'router.getModel("planning", route); router.getModel("parsing", route); router.getPrompt("system", route);',
      'router.getModel("planing", route);',
      'router.getPrompt("sistem", route);',
    ];
    at.write("src/agent.ts", `${lines.join("\n")}\n`);
    expect(compiled(join(at.root, "src/agent.ts"))).toEqual([
      expect.stringMatching(/^agent\.ts:6 .*"planing"/),
      expect.stringMatching(/^agent\.ts:7 .*"sistem"/),
    ]);
  });
});

/** `FILE:LINE message` of everything that the compiler says; the package's name leads to our own door. */
function compiled(file: string): readonly string[] {
  const root = join(import.meta.dirname, "../..");
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    paths: { "@rollout-engine/rollout/sdk": [join(root, "src/sdk/index.ts")] },
  };
  writeFileSync(join(file, "../package.json"), '{"type":"module"}');
  const program = ts.createProgram([file], options);
  return ts.getPreEmitDiagnostics(program).map(({ file: source, start = 0, messageText }) => {
    const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start).line + 1;
    return `${basename(source?.fileName ?? "")}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}
