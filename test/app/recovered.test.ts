/** What a lost state no longer says is not made up: after a recovery a person starts what comes next. */
import { describe, expect, test } from "vitest";
import { recover } from "../../src/app/recover.js";
import {
  action,
  appliedOf,
  beginning,
  byHand,
  evaluated,
  prepared,
  ramping,
  say,
  scheduled,
  weight,
} from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const aPersons =
  "rollout apply support (unattended apply holds: what was rejected before the state was lost is not known)";

describe("recover after an abort, with the rejection lost", () => {
  const recovered = async (w: Workspace) => {
    await say(w, "abort", "it looped");
    w.remove(".rollout");
    await recover(w.world(), { agent: "support", because: null });
    await evaluated(w);
  };
  beginWith(() => prepared(oneAgent, ramping, recovered));

  test("no schedule starts the canary again, whatever the spec asks for; a person does", async () => {
    for (const hours of [0, 1, 24]) {
      at.pass(hours);
      const answer = await scheduled(at);
      expect(answer.exit).toBe(0);
      expect(appliedOf(answer).agents).toMatchObject([
        {
          done: [],
          after: { kind: "hold", because: expect.stringMatching(/^its state was lost/), hint: "rollout apply support" },
        },
      ]);
      expect(await action(at)).toMatchObject({ kind: "start", hint: aPersons });
      expect(await weight(at)).toBe(0);
    }
    await byHand(at);
    expect(await weight(at)).toBe(50);
    await say(at, "abort", "it still loops");
    await scheduled(at);
    expect(await action(at)).toMatchObject({ code: "rollout/rejected-change" });
  });

  test("a spec that asks for what is stable has nothing to wait for", async () => {
    at.edit("rollout.config.yaml", "canary:\n  overrides:\n    planning: opus@2\n", "");
    expect(await action(at)).toMatchObject({ kind: "none", code: null });
  });
});
