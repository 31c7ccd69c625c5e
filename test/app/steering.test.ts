/** What people say to a rollout: when it is taken, when it is refused, what comes of it. */
import { describe, expect, test } from "vitest";
import { approve, type CommandArguments, command } from "../../src/app/command.js";
import { answering } from "../../src/app/refusal.js";
import { Fault } from "../../src/ports/fault.js";
import type { Answer } from "../../src/views/view.js";
import {
  action,
  adopted,
  badly,
  beginning,
  bumped,
  codes,
  faultyTarget,
  journalOf,
  kinds,
  lineOf,
  overtakenStore,
  prepared,
  ramping,
  say,
  scheduled,
  stateIn,
  support,
  users,
  weight,
} from "../support/team.js";
import { oneAgent, specWith, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});
const broken = (w: Workspace) => w.edit("rollout.config.yaml", "strategy: quick", "strategy: quik");

type Said = CommandArguments["command"];
interface Refused {
  readonly name: string;
  readonly before: readonly ((at: Workspace) => unknown)[];
  readonly said: readonly Said[];
  readonly because?: null | string;
  readonly code: string;
}

describe("refusals", () => {
  const cases: readonly Refused[] = [
    {
      name: "no rollout is under way",
      before: [],
      said: ["pause", "resume", "abort", "proceed", "promote"],
      code: "agent/no-rollout",
    },
    { name: "nothing was rejected", before: [], said: ["retry"], code: "agent/nothing-rejected" },
    {
      name: "without a reason",
      before: [bumped, scheduled],
      said: ["proceed", "promote", "retry"],
      because: null,
      code: "reason/missing",
    },
    {
      name: "with an empty reason",
      before: [bumped, scheduled],
      said: ["proceed", "promote"],
      because: "  ",
      code: "reason/missing",
    },
    {
      name: "it is paused already",
      before: [bumped, scheduled, (w) => say(w, "pause")],
      said: ["pause"],
      code: "agent/paused-already",
    },
    { name: "it is not paused", before: [bumped, scheduled], said: ["resume"], code: "agent/not-paused" },
  ];
  beginWith(() => prepared(oneAgent, adopted));
  test.each(cases)("$name", async ({ before, said, because, code }) => {
    for (const step of before) await step(at);
    const { length } = await journalOf(at);
    for (const one of said) {
      const answer = await say(at, one, because);
      expect([codes(answer), answer.exit]).toEqual([[code], 1]);
    }
    expect(await journalOf(at)).toHaveLength(length);
  });

  test("an agent that nobody knows, and one whose name is nearly that", async () => {
    const answer = await answering(() =>
      command(at.world(), { agent: "suport", command: "pause", because: null, by: null }),
    );
    expect(codes(answer)).toEqual(["agent/unknown"]);
    expect(answer.view.kind === "problems" && answer.view.problems[0]?.hint).toBe('Did you mean "support"?');
  });

  test("what has turned is final", async () => {
    await bumped(at);
    await scheduled(at);
    await badly(at);
    // The rollback is recorded, and its shift is refused.
    await scheduled(at, { open: faultyTarget(at, support, new Fault("unreachable", "the disk is full")) });
    for (const one of ["pause", "resume", "proceed", "promote", "abort"] as const)
      expect(codes(await say(at, one))).toEqual(["agent/turned"]);
  });
});

describe("pause and resume", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("nothing is raised while it is paused, and the plan says how to go on", async () => {
    const answer = await say(at, "pause", "the team is at lunch");
    expect(lineOf(answer)).toMatch(/paused by ada@example\.org: the team is at lunch/);
    await users(at, { hours: 1.25 });
    expect((await scheduled(at)).exit).toBe(0);
    expect(await action(at)).toMatchObject({
      kind: "hold",
      code: "rollout/paused",
      hint: "rollout resume support",
      because: "paused: the team is at lunch",
    });
    await say(at, "resume");
    await scheduled(at);
    expect((await stateIn(at)).finished.map(({ outcome }) => outcome)).toEqual(["promoted"]);
  });

  test("the name that a person gives stands beside who runs the command", async () => {
    await command(at.world(), { agent: support, command: "pause", because: "x", by: "Grace" });
    expect((await journalOf(at)).at(-1)?.event.by).toBe("Grace (ada@example.org)");
  });

  test.each(["pause", "resume", "proceed", "abort"] as const)("%s is taken under a spec with errors", async (said) => {
    if (said === "resume") await say(at, "pause");
    broken(at);
    const answer = await say(at, said);
    expect(answer.exit).toBe(0);
  });
});

describe("proceed", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("it leaves the gate, and every view calls it unproven", async () => {
    await say(at, "proceed", "agreed with the support team");
    expect(await action(at)).toMatchObject({ kind: "promote" });
    expect((await action(at)).warnings).toContainEqual(
      expect.stringMatching(/unproven \(proceed by ada@example\.org\): agreed with the support team/),
    );
    await scheduled(at);
    expect((await stateIn(at)).finished.map(({ outcome }) => outcome)).toEqual(["promoted"]);
  });

  test("a canary that fails is rolled back all the same", async () => {
    await badly(at);
    await say(at, "proceed");
    expect((await scheduled(at)).exit).toBe(14);
    expect(await weight(at)).toBe(0);
  });
});

describe("promote", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("it is in force when the command returns, with its exemption", async () => {
    const answer = await say(at, "promote", "the launch is today");
    expect([answer.exit, (await stateIn(at)).finished.map(({ outcome }) => outcome)]).toEqual([0, ["promoted"]]);
    expect(answer.view).toMatchObject({ data: { in_force: true } });
  });

  test("under a spec with errors it is recorded, and the answer does not claim more", async () => {
    broken(at);
    const answer = await say(at, "promote");
    expect(answer.view).toMatchObject({ data: { in_force: false } });
    expect(lineOf(answer)).toMatch(/not in force yet: nothing is raised while the spec has errors/);
    expect(await weight(at)).toBe(50);
  });
});

describe("abort", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("the canary has nothing when the command returns, and its change is rejected", async () => {
    const answer = await say(at, "abort", "wrong refunds");
    expect([answer.exit, await weight(at)]).toEqual([0, 0]);
    expect((await kinds(at)).slice(-4)).toEqual(["commanded", "shift-begun", "shift-done", "rollout-finished"]);
    expect(await action(at)).toMatchObject({
      kind: "hold",
      code: "rollout/rejected-change",
      because: expect.stringContaining("incident support-1"),
    });
  });

  test("the target refuses: exit 15, recorded, and the next apply does it", async () => {
    const open = faultyTarget(at, support, new Fault("unreachable", "the disk is full"));
    const answer = await answering(() =>
      command(at.world({ open }), { agent: support, command: "abort", because: null, by: null }),
    );
    expect([answer.exit, lineOf(answer)]).toEqual([15, expect.stringMatching(/not in force yet: the disk is full/)]);
    expect(await weight(at)).toBe(50);
    await scheduled(at);
    expect(await weight(at)).toBe(0);
  });

  test("another run holds the lock: it is done all the same", async () => {
    const store = await at
      .world()
      .open.store({ kind: "sqlite", path: ".rollout/state.db" }, { root: at.root, readOnly: false });
    const lease = await store.lease(support, { holder: "two", for: 60_000 as never });
    expect((await say(at, "abort")).exit).toBe(0);
    expect(await weight(at)).toBe(0);
    await lease.release();
    await store.close();
  });
});

describe("somebody else writes in between", () => {
  beginWith(() => prepared(oneAgent, ramping));
  const open = () => overtakenStore(at, support, { kind: "commanded", command: "pause", why: "somebody else" });
  const saying = (said: Said): Promise<Answer> =>
    answering(() => command(at.world({ open: open() }), { agent: support, command: said, because: "x", by: null }));

  test("an abort goes through", async () => {
    expect((await saying("abort")).exit).toBe(0);
    expect(await weight(at)).toBe(0);
  });

  test.each(["proceed", "promote", "pause"] as const)(
    "%s was said of another situation, and is refused",
    async (said) => {
      expect((await saying(said)).exit).toBe(11);
      expect((await journalOf(at)).at(-1)?.event).toMatchObject({ by: "somebody else" });
    },
  );
});

describe("retry", () => {
  beginWith(() => prepared(oneAgent, ramping, badly, scheduled));

  test("it starts afresh, and every view calls it attempt 2", async () => {
    expect((await say(at, "retry", "the tool is mended")).exit).toBe(0);
    expect(await action(at)).toMatchObject({ kind: "start", progress: { attempt: 2 } });
    await scheduled(at);
    expect([await weight(at), (await stateIn(at)).rollout?.attempt]).toEqual([50, 2]);
    await badly(at);
    expect((await scheduled(at)).exit).toBe(14);
    expect((await stateIn(at)).rejected.at(-1)?.incident).toBe("support-2");
    await say(at, "retry", "once more");
    expect(await action(at)).toMatchObject({ progress: { attempt: 3 } });
  });
});

describe("approve", () => {
  const approval = () => specWith("    gates: { approval: true }\n");
  beginWith(() => prepared(approval(), adopted, bumped));
  const give = (revision: string | null, by: string | null = null): Promise<Answer> =>
    answering(() => approve(at.world(), { agent: support, revision, by }));

  test("nothing starts without it; with it the canary does", async () => {
    await scheduled(at);
    expect(await action(at)).toMatchObject({ kind: "hold", code: "gate/approval-waits" });
    const hint = (await action(at)).hint ?? "";
    expect(hint).toMatch(/^rollout approve support --revision r-[0-9a-f]{7}$/);
    expect((await give(hint.split(" ").at(-1) ?? "", "Grace")).exit).toBe(0);
    await scheduled(at);
    expect(await weight(at)).toBe(50);
  });

  test("it may be given before the rollout starts", async () => {
    expect((await give(null)).exit).toBe(0);
    await scheduled(at);
    expect(await weight(at)).toBe(50);
  });

  test.each([
    ["a revision that does not wait", "r-0000000", /starts with "r-0000000"/],
    ["the beginning of every revision", "", /starts with ""/],
  ])("%s", async (_, revision, because) => {
    const answer = await give(revision);
    expect([codes(answer), lineOf(answer)]).toEqual([["revision/unknown"], expect.stringMatching(because)]);
  });

  test("nothing waits", async () => {
    at.write("rollout.config.yaml", approval()["rollout.config.yaml"] ?? "");
    const answer = await give(null);
    expect([codes(answer), lineOf(answer)]).toEqual([
      ["revision/unknown"],
      expect.stringMatching(/no revision of "support" waits/i),
    ]);
  });
});
