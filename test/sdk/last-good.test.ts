// What the router keeps when the file lets it down, and how it learns that the file has changed.

import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Router, RouterOptions, SessionRoute } from "../../src/sdk/index.js";
import { freshPlace } from "./place.js";
import { atWeight, damages, Folder, published, stable, textOf } from "./support.js";

const place = freshPlace();
const { open } = place;

const sessions = Array.from({ length: 400 }, (_, i) => `session-${i}`);
const variants = (router: Router) => new Set(sessions.map((session) => router.route(session).variant));
const onStable: SessionRoute = { revision: stable, variant: "stable", weight: 0 };

describe.each(Object.entries(damages))("%s", (_, damage) => {
  test("is refused with one line, the old one stays, and the next good one is taken", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    const before = sessions.map((session) => router.route(session));
    place.folder.put(damage);
    await router.refresh();
    place.folder.put(`${damage} `);
    await router.refresh();
    expect(sessions.map((session) => router.route(session))).toEqual(before);
    expect(place.lines).toHaveLength(1);
    expect(place.lines[0]).toMatch(/is refused, since it.*; the last good snapshot stays in force$/);
    expect(router.status()).toMatchObject({ origin: "current", revision: stable });
    expect(router.status().refused).not.toBe(null);
    place.folder.put(textOf(atWeight(100)));
    await router.refresh();
    expect(variants(router)).toEqual(new Set(["canary"]));
    expect(router.status().refused).toBe(null);
  });
});

test("no torn beginning of a new snapshot ever changes an answer", async () => {
  place.folder.put(textOf(published));
  const router = await open();
  const text = textOf(atWeight(100)).trimEnd();
  for (let length = 0; length < text.length; length += 37) {
    // In place, as a careless copy does it.
    writeFileSync(place.folder.file, text.slice(0, length));
    await router.refresh();
    expect(router.status().weight).toBe(25);
  }
  writeFileSync(place.folder.file, text);
  await router.refresh();
  expect(router.status().weight).toBe(100);
});

describe("when the current snapshot is of no use at the start", () => {
  const bootstrap = {
    steps: { planning: { model: "claude-haiku-4-5", version: "20251001" } },
    prompts: { system: "Hi." },
  };

  test.each(["absent", ...Object.keys(damages).slice(0, 5)])(
    "%s: the previous one serves its stable revision",
    async (name) => {
      if (name !== "absent") place.folder.put(damages[name] ?? "");
      place.folder.put(textOf(atWeight(100)), "support.json.previous");
      const router = await open({ bootstrap });
      expect(router.status()).toMatchObject({ origin: "previous", revision: stable, canary: null, weight: 0 });
      // The canary that it speaks of may have been rolled back since.
      expect(variants(router)).toEqual(new Set(["stable"]));
      expect(router.getModel("planning", router.route("a"))?.version).toBe("20251101");
      place.folder.put(textOf(atWeight(100)));
      await router.refresh();
      expect(router.status()).toMatchObject({ origin: "current", weight: 100 });
    },
  );

  test("without a previous one, the bootstrap serves", async () => {
    place.folder.put("{}", "support.json.previous");
    const router = await open({ bootstrap: { ...bootstrap, revision: "r-built-in" } });
    expect(router.route("a")).toEqual({ revision: "r-built-in", variant: "stable", weight: 0 });
    expect(router.getModel("planning", router.route("a"))).toEqual({
      model: "claude-haiku-4-5",
      version: "20251001",
      params: {},
    });
    expect(router.getPrompt("system", router.route("a"))).toBe("Hi.");
    expect(router.status()).toMatchObject({ origin: "bootstrap", revision: null, ageMs: null });
    expect(place.lines[0]).toMatch(/since it is not there; the bootstrap serves every session$/);
  });

  test("a bootstrap without a revision serves routes without a revision", async () => {
    const router = await open({ bootstrap });
    const route = router.route("a");
    expect(route.revision).toBe(null);
    expect(router.getModel("planning", route)?.model).toBe("claude-haiku-4-5");
    place.folder.put(textOf(published));
    await router.refresh();
    expect(router.getModel("planning", route)?.version).toBe("20251101");
  });

  test("without anything, every session goes to stable, and contents are clearly absent", async () => {
    const router = await open();
    expect(router.route("a")).toEqual({ revision: null, variant: "stable", weight: 0 });
    expect(router.getModel("planning", router.route("a"))).toBe(null);
    expect(router.getPrompt("system", router.route("a"))).toBe(null);
    expect(router.status()).toMatchObject({ origin: "none", agent: null });
    expect(place.lines).toEqual([expect.stringMatching(/since it is not there; every session goes to stable$/)]);
  });

  test("the previous one is not looked at when the current one is good", async () => {
    place.folder.put(textOf(published));
    place.folder.put(textOf(atWeight(100)), "support.json.previous");
    const router = await open();
    expect(router.status()).toMatchObject({ origin: "current", weight: 25 });
  });

  test("the previous one's fallback holds: a person switched it on", async () => {
    place.folder.put(textOf({ ...published, route: { ...published.route, fallback: true } }), "support.json.previous");
    const router = await open();
    expect(variants(router)).toEqual(new Set(["fallback"]));
  });

  test("another agent than the one asked for is refused at the start, too", async () => {
    place.folder.put(textOf(published));
    const router = await open({ agent: "billing" });
    expect(router.status()).toMatchObject({ origin: "none", refused: "it routes the agent support, not billing" });
  });

  test.each([
    ["a folder", () => mkdirSync(place.folder.file), "it is not a regular file"],
    ["a pipe that nobody writes to", () => execFileSync("mkfifo", [place.folder.file]), "it is not a regular file"],
    ["a link to nothing", () => symlinkSync(join(place.folder.path, "nowhere"), place.folder.file), "it is not there"],
    ["a link to itself", () => symlinkSync(place.folder.file, place.folder.file), "it cannot be read (ELOOP)"],
    ["a folder that is not there", () => place.folder.remove(), "it is not there"],
    [
      "a file larger than any snapshot",
      () => place.folder.put(textOf(published) + " ".repeat(8 * 1_048_576)),
      /^it has \d+ bytes, more than any snapshot$/,
    ],
  ])("%s in its place is survived", async (_, harm, because) => {
    harm();
    const router = await open();
    expect(router.route("a").variant).toBe("stable");
    expect(router.status().refused).toMatch(because);
    expect(place.lines).toHaveLength(1);
  });
});

describe("the kill file", () => {
  test("sends every session to stable, and back when it is gone", async () => {
    place.folder.put(textOf(atWeight(100)));
    const router = await open();
    place.folder.put("", "support.json.kill");
    await router.refresh();
    expect(sessions.every((session) => router.route(session).revision === stable)).toBe(true);
    expect(router.status()).toMatchObject({ killed: true, canary: null, weight: 0 });
    place.folder.put(textOf({ ...published, route: { ...published.route, fallback: true } }));
    await router.refresh();
    expect(router.route("a")).toEqual(onStable);
    rmSync(`${place.folder.file}.kill`);
    await router.refresh();
    expect(router.route("a").variant).toBe("fallback");
    expect(place.lines.map((line) => line.replace(place.folder.path, "live"))).toEqual([
      "rollout: live/support.json.kill is there: every session goes to stable",
      "rollout: live/support.json.kill is gone: sessions are routed again",
    ]);
  });

  test("holds while nobody can say whether it is still there", async () => {
    place.folder.put(textOf(atWeight(100)));
    const kills = join(place.folder.path, "switch");
    mkdirSync(kills);
    writeFileSync(join(kills, "stop"), "");
    const router = await open({ killFile: join(kills, "stop") });
    rmSync(kills, { recursive: true });
    symlinkSync(kills, kills);
    await router.refresh();
    expect(router.status().killed).toBe(true);
  });

  test("counts from the start, wherever it is said to be", async () => {
    place.folder.put(textOf(atWeight(100)));
    place.folder.put("", "stop");
    const router = await open({ killFile: join(place.folder.path, "stop") });
    expect(variants(router)).toEqual(new Set(["stable"]));
  });
});

describe("it sees a change by itself", () => {
  /** Waits for a line of the log: a refusal is the change that one can hear. */
  function heard(options: RouterOptions): { readonly router: Promise<Router>; readonly line: Promise<string> } {
    let hear: (line: string) => void = () => {};
    const line = new Promise<string>((resolve) => {
      hear = resolve;
    });
    return { router: open({ ...options, log: (text) => hear(text) }), line };
  }

  test("by watching, when the file is replaced", async () => {
    place.folder.put(textOf(published));
    const { router, line } = heard({});
    await router;
    place.folder.put("{}");
    expect(await line).toContain("is refused");
  });

  test("by watching, when the kill file comes in a folder of its own", async () => {
    place.folder.put(textOf(atWeight(100)));
    mkdirSync(join(place.folder.path, "switch"));
    const { router, line } = heard({ killFile: join(place.folder.path, "switch", "stop") });
    await router;
    writeFileSync(join(place.folder.path, "switch", "stop"), "");
    expect(await line).toContain("every session goes to stable");
    expect(variants(await router)).toEqual(new Set(["stable"]));
  });

  test("by watching, when the folder is another one under its name", async () => {
    place.folder.put(textOf(published));
    const { router, line } = heard({});
    await router;
    const other = new Folder();
    other.put(textOf(atWeight(50)));
    renameSync(place.folder.path, `${place.folder.path}.old`);
    renameSync(other.path, place.folder.path);
    await (await router).refresh();
    expect((await router).status().weight).toBe(50);
    place.folder.put("{}");
    expect(await line).toContain("is refused");
    rmSync(`${place.folder.path}.old`, { recursive: true });
  });

  test("by watching, when a mounted ConfigMap is swapped", async () => {
    const mount = (name: string, text: string) => {
      mkdirSync(join(place.folder.path, name));
      writeFileSync(join(place.folder.path, name, "support.json"), text);
      symlinkSync(name, join(place.folder.path, "..data_tmp"));
      renameSync(join(place.folder.path, "..data_tmp"), join(place.folder.path, "..data"));
    };
    mount("..2026_11_23", textOf(published));
    symlinkSync(join("..data", "support.json"), place.folder.file);
    const { router, line } = heard({});
    expect((await router).status().weight).toBe(25);
    mount("..2026_11_24", textOf(atWeight(50)));
    await (await router).refresh();
    expect((await router).status().weight).toBe(50);
    mount("..2026_11_25", "{}");
    expect(await line).toContain("is refused");
  });

  test("by polling, where no event comes", async () => {
    // The link's own folder, which is watched, never changes.
    mkdirSync(join(place.folder.path, "elsewhere"));
    const real = join(place.folder.path, "elsewhere", "real.json");
    writeFileSync(real, textOf(published));
    symlinkSync(real, place.folder.file);
    const { router, line } = heard({ pollMs: 5 });
    await router;
    writeFileSync(real, "{}");
    expect(await line).toContain("is refused");
  });

  test("by polling, when the folder comes back as another one", async () => {
    place.folder.put(textOf(published));
    const { router, line } = heard({ pollMs: 5 });
    await router;
    rmSync(place.folder.path, { recursive: true });
    expect(await line).toContain("since it is not there; the last good snapshot stays in force");
    expect((await router).status()).toMatchObject({ origin: "current", weight: 25 });
  });

  test("and whoever asks gets a look that begins afterwards, whatever is looked at meanwhile", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    for (let percent = 1; percent <= 60; percent++) {
      const earlier = router.refresh();
      for (let turns = percent % 12; turns > 0; turns--) await new Promise(setImmediate);
      place.folder.put(textOf(atWeight(percent)));
      await router.refresh();
      expect(router.status().weight).toBe(percent);
      await earlier;
    }
  });

  test("and no more once it is closed", async () => {
    place.folder.put(textOf(published));
    const closed = await open({ pollMs: 5 });
    await closed.close();
    const { router, line } = heard({ pollMs: 5 });
    await router;
    place.folder.put("{}");
    await line;
    place.folder.put(textOf(atWeight(100)));
    await (await router).refresh();
    expect(closed.status()).toMatchObject({ weight: 25, refused: null });
    expect(closed.route("a")).toMatchObject({ weight: 25 });
    expect(place.lines).toEqual([]);
  });

  test("and takes nothing any more of a look that was under way then", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    let told = 0;
    router.subscribe(() => {
      told += 1;
    });
    place.folder.put("", "support.json.kill");
    place.folder.put("{}");
    const look = router.refresh();
    await router.close();
    await look;
    await new Promise(setImmediate);
    expect(router.status()).toMatchObject({ weight: 25, refused: null, killed: false });
    expect([told, ...place.lines]).toEqual([0]);
  });
});
