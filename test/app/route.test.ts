/** Where a session goes and why, of the route that is in force. */
import { describe, expect, test } from "vitest";
import { answering } from "../../src/app/refusal.js";
import { type RouteArguments, routeSessions } from "../../src/app/route.js";
import type { Instant } from "../../src/core/model/units.js";
import { openRouter } from "../../src/sdk/index.js";
import type { Answer } from "../../src/views/view.js";
import { adopted, beginning, codes, lineOf, prepared, ramping, stateIn } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const asked = (more: Partial<RouteArguments>): Promise<Answer> =>
  answering(() =>
    routeSessions(at.world(), { agent: "support", session: null, from: null, startedAt: null, user: null, ...more }),
  );
const sessions = Array.from({ length: 300 }, (_, i) => `session-${i}`);

describe("while a canary is under way", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("each session goes where the router sends it, and the reason names the rule", async () => {
    const router = await openRouter(`${at.root}/live/support.json`, { pollMs: 1_000_000, now: () => at.clock.at });
    const seen = new Set<string>();
    for (const session of sessions.slice(0, 40)) {
      const { variant, revision } = router.route(session);
      seen.add(variant);
      const answer = await asked({ session });
      expect(answer.view).toMatchObject({ data: { session, variant, revision, started_at: null } });
      expect(lineOf(answer)).toContain(`murmur3-32 with the salt support/`);
    }
    await router.close();
    expect(seen.has("stable")).toBe(true);
  });

  test("a session that started before the rollout is stable's, and the answer says which weight counted", async () => {
    const { inForce } = await stateIn(at);
    const before = ((inForce?.history[0]?.at ?? 0) - 1) as Instant;
    const { view } = await asked({ session: "session-1", startedAt: before });
    expect(view).toMatchObject({ data: { variant: "stable", weight_basis_points: 0 } });
    expect(lineOf({ view, exit: 0 })).toContain("as was said: the weight that counts for it is");
  });

  test("a file is counted line by line, and a line without an id is stable's", async () => {
    at.write("ids.txt", `${sessions.join("\n")}\n\n`);
    const { view } = await asked({ from: "ids.txt" });
    if (view.kind !== "message") throw new Error(view.kind);
    const { stable, canary, ids } = view.data as Record<string, number>;
    expect(ids).toBe(301);
    expect(Number(stable) + Number(canary)).toBe(301);
    const alone = await Promise.all(sessions.map(async (session) => (await asked({ session })).view));
    const canaries = alone.filter((one) => one.kind === "message" && one.data.variant === "canary");
    expect(canary).toBe(canaries.length);
  });

  test("a file that is not there is said to be missing", async () => {
    expect(codes(await asked({ from: "nowhere.txt" }))).toEqual(["file/missing"]);
  });
});

describe("where users are drawn", () => {
  const spec = oneAgent["rollout.config.yaml"] ?? "";
  const byUser = spec.replace("session: { timeout: 10m }", "session: { timeout: 10m, unit: user }");
  beginWith(() => prepared({ ...oneAgent, "rollout.config.yaml": byUser }, ramping));

  test("the user decides, a session without one is stable's, and a file is one of users", async () => {
    const router = await openRouter(`${at.root}/live/support.json`, { pollMs: 1_000_000, now: () => at.clock.at });
    for (const user of sessions.slice(0, 20)) {
      const { variant } = router.route("a", { user });
      expect((await asked({ session: "a", user })).view).toMatchObject({ data: { user, unit: "user", variant } });
    }
    await router.close();
    expect(lineOf(await asked({ session: "a" }))).toContain("A session without a user always goes to stable.");
    at.write("users.txt", sessions.join("\n"));
    expect(lineOf(await asked({ from: "users.txt" }))).toContain("users, the canary at");
  });
});

describe("without a canary", () => {
  beginWith(() => prepared(oneAgent, adopted));

  test("every session is stable's", async () => {
    const answer = await asked({ session: "a" });
    expect(lineOf(answer)).toContain("There is no canary.");
    expect(answer.view).toMatchObject({ data: { variant: "stable", weight_basis_points: 0 } });
  });
});

describe("before anything is in force", () => {
  beginWith(() => prepared(oneAgent));

  test("it is refused with what to do", async () => {
    expect(codes(await asked({ session: "a" }))).toEqual(["agent/nothing-in-force"]);
  });
});
