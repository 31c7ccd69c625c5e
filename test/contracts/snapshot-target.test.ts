// The routing file keeps the laws of every target, on a real disk, and what is special about files.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RevisionContent } from "../../src/core/model/revision.js";
import type { Route } from "../../src/core/model/route.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId, Weight } from "../../src/core/model/units.js";
import { choose } from "../../src/core/routing/choose.js";
import type { Outside } from "../../src/ports/outside.js";
import type { ShiftAction } from "../../src/ports/traffic-target.js";
import { replaceFenced } from "../../src/providers/targets/snapshot/fenced-file.js";
import snapshotTarget from "../../src/providers/targets/snapshot.js";
import { openRouter } from "../../src/sdk/index.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import { servedIn } from "../support/proxied.js";

const now = () => 1_790_000_000_000 as Instant;
const outside: Outside = {
  environment: process.env,
  now,
  fetch: () => Promise.reject(new Error("the snapshot target fetches nothing")),
  secret: () => {
    throw new Error("the snapshot target has no secrets");
  },
};
const signal = new AbortController().signal;
const agent = "support" as AgentId;

let root = "";
let file = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollout-target-"));
  file = join(root, "live", "support.json");
});
afterEach(() => rmSync(root, { recursive: true }));

const openTarget = () => snapshotTarget.open({ root, path: "live/support.json" }, outside);
const live = () => openTarget().observe(agent, signal);
const read = (path = file) => readFileSync(path, "utf8");

test.each(trafficTargetLaws)("$name", async (law) => {
  const target = openTarget();
  await law.check({
    target,
    now,
    served: servedIn(() => file),
  });
});

const stable = `r-${"a".repeat(64)}` as RevisionId;
const canary = `r-${"b".repeat(64)}` as RevisionId;

function shift(weight: number, change: Partial<ShiftAction> = {}): ShiftAction {
  const route: Route = {
    rollout: "ro-1" as RolloutId,
    algo: "murmur3-32",
    salt: "support/ro-1",
    stable,
    canary,
    weight: weight as Weight,
    history: [{ at: now(), weight: weight as Weight }],
    previous: null,
    fallback: false,
  };
  const timing = { sessionTimeout: 1_800_000 as Duration, sessionHeader: "x-session-id" };
  return {
    kind: "shift",
    agent,
    route,
    contents: [content(stable), content(canary)],
    lineage: "line-a",
    ...timing,
    ...change,
  };
}

function content(id: RevisionId, text = "You help."): RevisionContent {
  const prompts = [{ name: "system", text, path: "prompts/system.md", blob: "0".repeat(40) }];
  const steps = { planning: { model: "claude-opus-4-5", version: "20251101", params: {} } };
  return { id, agent, steps, prompts, tools: [], release: null, origin: { commit: null, dirty: false } };
}

const act = (weight: number, serial: number, epoch = 1) => openTarget().act(shift(weight), { epoch, serial }, signal);

describe("the file", () => {
  test("says where users are drawn, and nothing where sessions are, as always", async () => {
    await act(500, 1);
    expect(JSON.parse(read())).not.toHaveProperty("unit");
    await openTarget().act(shift(1000, { user: { header: "x-user-id" } }), { epoch: 1, serial: 2 }, signal);
    expect(JSON.parse(read())).toMatchObject({ unit: "user" });
  });

  test("is readable by people and leaves nothing else behind", async () => {
    await act(500, 1);
    expect(read()).toContain('\n  "agent": "support",\n');
    expect(read()).toContain('\n    "weight_basis_points": 500,\n');
    expect(read()).toContain('"written_at": "2026-09-21T14:13:20.000Z"');
    expect(readdirSync(join(root, "live"))).toEqual(["support.json"]);
  });

  test("keeps what it replaces as the previous one, once", async () => {
    await act(500, 1);
    const first = read();
    await act(2500, 2);
    await act(2500, 2);
    expect(read(`${file}.previous`)).toBe(first);
    expect(readdirSync(join(root, "live")).sort()).toEqual(["support.json", "support.json.previous"]);
  });

  test("keeps its mode", async () => {
    await act(500, 1);
    chmodSync(file, 0o640);
    await act(2500, 2);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  test("is followed through a symlink, which stays", async () => {
    mkdirSync(join(root, "real"));
    mkdirSync(join(root, "live"));
    writeFileSync(join(root, "real", "support.json"), "");
    symlinkSync(join(root, "real", "support.json"), file);
    await act(500, 1);
    expect(read(join(root, "real", "support.json"))).toBe(read());
    expect(readdirSync(join(root, "live"))).toEqual(["support.json"]);
  });

  test("is never larger than its limit", async () => {
    const contents = [content(stable, "x".repeat(8 * 1_048_576)), content(canary)];
    await expect(openTarget().act({ ...shift(500), contents }, { epoch: 1, serial: 1 }, signal)).rejects.toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("shorten the prompts of support"),
    });
    expect(existsSync(file)).toBe(false);
  });
});

describe("what is not this agent's whole snapshot is foreign", () => {
  const damage: Record<string, { readonly harm: (text: string) => string; readonly because: string }> = {
    empty: { harm: () => "", because: "an empty file" },
    torn: { harm: (text) => text.slice(0, 300), because: "only the beginning" },
    "another kind of file": { harm: () => "upstream { }", because: "not JSON" },
    "an empty object": { harm: () => "{}", because: "no format number" },
    "a list": { harm: () => "[]", because: "not an object" },
    "edited by hand": { harm: (text) => text.replace(": 500,", ": 9999,"), because: "checksum" },
    "without a checksum": { harm: (text) => text.replace('"checksum"', '"check"'), because: "checksum" },
    "of another format": { harm: (text) => text.replace('"format": 1', '"format": 2'), because: "format is 2" },
    "nested without end": {
      harm: () => `{"format":1,"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
      because: "nested too deeply",
    },
  };
  test.each(Object.keys(damage))("%s", async (name) => {
    await act(500, 1);
    const { harm, because } = damage[name] ?? expect.fail();
    writeFileSync(file, harm(read()));
    expect(await live()).toMatchObject({ kind: "foreign", because: expect.stringContaining(because) });
    expect(await live()).toMatchObject({ because: expect.stringMatching(/^live\/support\.json /) });
  });

  test("another agent's, which is never replaced", async () => {
    await openTarget().act(shift(500, { agent: "billing" as AgentId }), { epoch: 1, serial: 1 }, signal);
    const before = read();
    expect(await live()).toMatchObject({
      kind: "foreign",
      because: expect.stringContaining("routes the agent billing"),
    });
    await expect(act(500, 99, 9)).rejects.toMatchObject({ kind: "rejected" });
    expect(read()).toBe(before);
  });

  test("a newer format is never replaced", async () => {
    mkdirSync(join(root, "live"));
    writeFileSync(file, '{"format": 2}');
    await expect(act(500, 99, 9)).rejects.toMatchObject({ kind: "rejected" });
    expect(read()).toBe('{"format": 2}');
  });

  test("a damaged file is replaced, kept beside, and its predecessor's fence still counts", async () => {
    await act(500, 4);
    await act(2500, 5);
    writeFileSync(file, "torn");
    await expect(act(500, 3)).rejects.toMatchObject({ kind: "conflict" });
    expect(read()).toBe("torn");
    await act(0, 6);
    expect(await live()).toMatchObject({ kind: "serving", route: { weight: 0 } });
    expect(read(`${file}.damaged`)).toBe("torn");
  });
});

describe("what cannot be read or written is unreachable", () => {
  test.each<[string, () => void, string]>([
    ["a folder in its place", () => mkdirSync(file, { recursive: true }), "not a regular file"],
    ["a file in its folder's place", () => writeFileSync(join(root, "live"), ""), "not a directory"],
    [
      "a link to itself",
      () => {
        mkdirSync(join(root, "live"));
        symlinkSync(file, file);
      },
      "too many symbolic links",
    ],
  ])("%s", async (_, harm, because) => {
    harm();
    const state = await live();
    expect(state).toMatchObject({ kind: "unreachable", because: expect.stringContaining(because) });
    // Messages reach plans and pull requests, which know no machine's folders.
    expect(JSON.stringify(state)).not.toContain(root);
    await expect(act(500, 1)).rejects.toMatchObject({ name: "Fault" });
  });
});

test("what the target writes, a router obeys", async () => {
  const router = await openRouter(file, { now, pollMs: 1_000_000, log: () => {} });
  for (const [serial, weight] of [500, 2_500, 0].entries()) {
    const action = shift(weight);
    await openTarget().act(action, { epoch: 1, serial: serial + 1 }, signal);
    await router.refresh();
    expect(router.status()).toMatchObject({ agent: "support", revision: stable, weight: weight / 100, refused: null });
    for (let i = 0; i < 100; i++) {
      const { variant, revision } = choose(action.route, `session-${i}`, null, now());
      expect(router.route(`session-${i}`)).toMatchObject({ variant, revision });
    }
    expect(router.getPrompt("system", router.route("session-1"))).toBe("You help.");
  }
  await router.close();
});

describe("two writers", () => {
  const write = (serial: number, look: () => Promise<null>) =>
    replaceFenced({ path: file, fence: { epoch: 1, serial }, text: String(serial), signal, look });

  test("an older one that wakes after a newer one wrote finds its draft gone", async () => {
    // It has looked at what is in force, and stalls; a newer writer passes; it wakes and renames.
    const stalled = write(1, async () => {
      await write(2, async () => null);
      return null;
    });
    await expect(stalled).rejects.toMatchObject({ kind: "conflict" });
    expect(read()).toBe("2");
    expect(readdirSync(join(root, "live"))).toEqual(["support.json"]);
  });

  test("an older one that comes while a newer one is at work is refused", async () => {
    const newer = write(2, async () => {
      await expect(write(1, async () => null)).rejects.toMatchObject({ kind: "conflict" });
      return null;
    });
    await newer;
    expect(read()).toBe("2");
  });

  test("the same one twice at once is once", async () => {
    await Promise.all([write(3, async () => null), write(3, async () => null)]);
    expect(read()).toBe("3");
  });

  test("the draft of one that died is taken away by the next", async () => {
    mkdirSync(join(root, "live"));
    writeFileSync(join(root, "live", ".support.json.1.1.00c0ffee.draft"), "half");
    writeFileSync(join(root, "live", ".other.json.1.1.00c0ffee.draft"), "somebody else's");
    await write(2, async () => null);
    expect(readdirSync(join(root, "live")).sort()).toEqual([".other.json.1.1.00c0ffee.draft", "support.json"]);
  });

  test("of many that race, the highest fence stays", async () => {
    for (let round = 0; round < 20; round++) {
      const serials = Array.from({ length: 8 }, (_, i) => round * 10 + ((i * 5 + round) % 8));
      await Promise.allSettled(serials.map((serial) => act(serial, serial)));
      expect(await live()).toMatchObject({ fence: { epoch: 1, serial: Math.max(...serials) } });
    }
  });
});
