/** An agent under another name: everything that is known of it goes along. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { answering } from "../../src/app/refusal.js";
import { stateMove } from "../../src/app/state-move.js";
import type { AgentId, Instant, RevisionId } from "../../src/core/model/units.js";
import type { StateDump } from "../../src/ports/state-dump.js";
import type { Answer } from "../../src/views/view.js";
import { action, beginning, codes, lineOf, prepared, promoted, ramping, say, stateIn } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const signal = new AbortController().signal;

async function dump(): Promise<StateDump> {
  const from = { kind: "sqlite", path: ".rollout/state.db" } as const;
  const store = await at.world().open.store(from, { root: at.root, readOnly: true });
  const state = await store.dump();
  await store.close();
  return state;
}

describe("state mv", () => {
  const move = (from = "support", to = "help"): Promise<Answer> =>
    answering(() => stateMove(at.world({ interactive: true }), { from, to, because: "a better name" }));
  const renameInSpec = (path = "live/help.json"): void => {
    at.edit("rollout.config.yaml", "  support:\n", "  help:\n");
    at.edit("rollout.config.yaml", "live/support.json", path);
  };

  describe("between rollouts", () => {
    beginWith(() => prepared(oneAgent, promoted));
    test("everything goes on under the new name, in force at its own target, under a higher epoch", async () => {
      const before = await dump();
      renameInSpec();
      const answer = await move();
      expect(answer.exit).toBe(0);
      const after = await dump();
      expect(after.journals.map(({ agent }) => agent)).toEqual(["help"]);
      expect(after.epoch).toBeGreaterThan(before.epoch);
      expect(after.revisions.map(({ id, agent }) => [id, agent])).toEqual(
        before.revisions.map(({ id }) => [id, "help"]),
      );
      expect(after.memories.map(({ memory }) => memory)).toEqual(before.memories.map(({ memory }) => memory));
      const live = await at
        .world()
        .open.target({ kind: "snapshot", path: "live/help.json" }, at.root)
        .observe("help" as AgentId, AbortSignal.timeout(5000));
      const { stable } = await stateIn(at, "help" as AgentId);
      expect(live).toMatchObject({ kind: "serving", route: { stable, canary: null } });
      expect(await action(at, "help")).toMatchObject({ kind: "none" });
      expect(lineOf(answer)).toMatch(/The state as it was: \.rollout\/before-mv-support-/);
    });
    test("its task and session records go with it, and none stays under the former name", async () => {
      const window = { from: 0 as Instant, to: Number.MAX_SAFE_INTEGER as Instant };
      const revision = (await stateIn(at)).stable as RevisionId;
      const records = async (agent: string) => {
        const metrics = await at.world().open.metrics(join(at.root, ".rollout/state.metrics.db"), { readOnly: true });
        const { tasks, sessions } = await metrics.figures({ agent: agent as AgentId, revision, ...window }, signal);
        const failed = (await metrics.failedTasks(agent as AgentId, 10)).length;
        await metrics.close();
        return { tasks, sessions, failed };
      };
      const before = await records("support");
      expect(before).toMatchObject({ failed: 10, sessions: before.tasks });
      renameInSpec();
      await move();
      expect(await records("help")).toEqual(before);
      expect(await records("support")).toEqual({ tasks: 0, sessions: 0, failed: 0 });
    });
    test("where nothing was ever recorded, no file of records is made", async () => {
      at.remove(".rollout/state.metrics.db");
      renameInSpec();
      expect((await move()).exit).toBe(0);
      expect(existsSync(join(at.root, ".rollout/state.metrics.db"))).toBe(false);
    });
    test("two edits at one moment leave two copies", async () => {
      renameInSpec();
      await move();
      at.edit("rollout.config.yaml", "  help:\n", "  support:\n");
      at.edit("rollout.config.yaml", "live/help.json", "live/back.json");
      const copies = () => readdirSync(join(at.root, ".rollout")).filter((name) => name.startsWith("before-mv-"));
      const [first] = copies();
      const text = at.read(`.rollout/${first}`);
      await move("help", "support");
      at.edit("rollout.config.yaml", "  support:\n", "  help:\n");
      at.edit("rollout.config.yaml", "live/back.json", "live/again.json");
      await move();
      expect(copies()).toHaveLength(3);
      expect(at.read(`.rollout/${first}`)).toBe(text);
    });
    test("a target that carries the former name is refused before anything is changed", async () => {
      const before = await dump();
      renameInSpec("live/support.json");
      expect(codes(await move())).toEqual(["state/same-target"]);
      expect(await dump()).toEqual(before);
    });
    test("a name that is known, and an agent that is not", async () => {
      expect(codes(await move("support", "support"))).toEqual(["state/name-taken"]);
      expect(codes(await move("sales", "help"))).toEqual(["agent/unknown"]);
      expect(codes(await move("support", "../help"))).toEqual(["agent/unknown"]);
    });
  });

  describe("after a rollback", () => {
    beginWith(() => prepared(oneAgent, ramping, (w) => say(w, "abort")));
    test("incidents are numbered under the new name, and what a retry lifted stays lifted", async () => {
      await say(at, "retry");
      await say(at, "abort");
      renameInSpec();
      const before = await stateIn(at);
      await move();
      const after = await stateIn(at, "help" as AgentId);
      expect(after.rejected.map(({ incident }) => incident)).toEqual(
        before.rejected.map(({ incident }) => incident.replace("support", "help")),
      );
    });
  });

  describe("under a rollout", () => {
    beginWith(() => prepared(oneAgent, ramping));
    test("it is refused", async () => {
      expect(codes(await move())).toEqual(["agent/rollout-under-way"]);
    });
  });
});
