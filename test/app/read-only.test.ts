/** G8: who only looks writes nothing, with a state and without one, and needs no right to write. */
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { drift } from "../../src/app/drift.js";
import { gateEval } from "../../src/app/gate-eval.js";
import { generate } from "../../src/app/generate.js";
import { history } from "../../src/app/history.js";
import { incidentList, incidentShow } from "../../src/app/incident.js";
import { metricsShow } from "../../src/app/metrics.js";
import { plan } from "../../src/app/plan.js";
import { answering } from "../../src/app/refusal.js";
import { runbookCheck, runbookList } from "../../src/app/runbook.js";
import { show } from "../../src/app/show.js";
import { stateList } from "../../src/app/state-list.js";
import { status } from "../../src/app/status.js";
import { validate } from "../../src/app/validate.js";
import type { World } from "../../src/app/world.js";
import type { Answer } from "../../src/views/view.js";
import { badly, bumped, copiesOf, planned, prepared, ramping, scheduled } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const agents: readonly string[] = [];
const commands: Readonly<Record<string, (world: World) => Promise<Answer>>> = {
  validate: (world) => validate(world),
  plan: (world) => plan(world, { agents, out: null, detailedExitcode: true }),
  status: (world) => status(world, { agents }),
  "status --pictures": (world) => status(world, { agents, pictures: true }),
  "show a plan": (world) => show(world, { what: "rollout.plan.json" }),
  "show a revision": (world) => show(world, { what: "r-" }),
  drift: (world) => drift(world, { agents, correct: false }),
  history: (world) => history(world, { agents, limit: null }),
  "incident list": (world) => incidentList(world, { agents }),
  "incident show": (world) => incidentShow(world, { id: "support-1" }),
  "metrics show": (world) => metricsShow(world, { agent: "support", window: 3_600_000, failed: 5 }),
  "state list": (world) => stateList(world),
  "gate eval": (world) => gateEval(world, { files: null, agents, changed: false }),
  "generate --check": (world) => generate(world, { out: "rollout.types.ts", check: true }),
  "runbook list": (world) => runbookList(world, { commands: [], options: [] }),
  "runbook check": (world) => runbookCheck(world, { commands: [], options: [] }),
};

/** Every path below the root with its kind, mode, time and content; the side files of a WAL are SQLite's own. */
function listing(root: string, below = ""): readonly string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      if (/\.db-(wal|shm)$/.test(path)) return [];
      const found = lstatSync(join(root, path), { bigint: true });
      if (found.isDirectory()) return [`${path}/ ${found.mode}`, ...listing(root, path)];
      const digest = createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest("hex");
      return [`${path} ${found.mode} ${found.mtimeNs} ${digest}`];
    });
}

/** Takes every right to write away, or gives it back. */
function setWritable({ root }: Workspace, writable: boolean, below = ""): void {
  const path = join(root, below);
  const isFolder = lstatSync(path).isDirectory();
  chmodSync(path, (isFolder ? 0o555 : 0o444) | (writable ? 0o200 : 0));
  if (isFolder) for (const name of readdirSync(path)) setWritable({ root } as Workspace, writable, join(below, name));
}

const nobody = 65_534;

/** Root may write everywhere, so that these tests would prove nothing. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

const state = {
  "before any state": () => prepared(oneAgent, bumped),
  "where a rollback is due": () =>
    prepared(oneAgent, ramping, badly, (at) => planned(at, { out: "rollout.plan.json" })),
  "behind a rollback": () => prepared(oneAgent, ramping, badly, (at) => scheduled(at)),
  "while a shift is wanted": () => prepared(oneAgent, ramping, (at) => at.remove("live/support.json")),
};

describe.each(Object.entries(state))("%s", (_, prepare) => {
  let at: Workspace;
  const copy = copiesOf(prepare);
  beforeEach(() => {
    at = copy();
  });
  afterEach(() => setWritable(at, true));

  test("who only looks changes no byte, mode or time", async () => {
    const before = listing(at.root);
    for (const [name, run] of Object.entries(commands)) {
      await answering(() => run(at.world()));
      expect(listing(at.root), name).toEqual(before);
    }
  });

  test("and answers the same without any right to write", async () => {
    const answers = async (): Promise<Readonly<Record<string, Answer>>> => {
      const all: Record<string, Answer> = {};
      for (const [name, run] of Object.entries(commands)) all[name] = await answering(() => run(at.world()));
      return all;
    };
    const expected = await answers();
    expect([expected.plan?.view.kind, expected.status?.view.kind]).toEqual(["plan", "status"]);
    setWritable(at, false);
    await expect(asNobody(async () => at.write("live/support.json", ""))).rejects.toThrow(/EACCES/);
    expect(await asNobody(answers)).toEqual(expected);
  });
});
