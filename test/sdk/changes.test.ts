// Who asked is told that what is in force has changed: later, and once for what comes together.

import { afterEach, beforeEach, expect, test } from "vitest";
import { openRouter, type Router, type RoutingStatus } from "../../src/sdk/index.js";
import { routerOf } from "../../src/sdk/router-of.js";
import { atWeight, Folder, later, textOf } from "./support.js";

let folder = new Folder();
let lines: string[] = [];
let router: Router;
beforeEach(async () => {
  folder = new Folder();
  lines = [];
  folder.put(textOf(atWeight(25)));
  router = await openRouter(folder.file, { log: (line) => lines.push(line), pollMs: 1_000_000, now: () => later });
});
afterEach(async () => {
  await router.close();
  folder.remove();
});

const soon = () => new Promise(setImmediate);

test("of another snapshot, of one that is refused, of a good one, and of the kill file", async () => {
  const told: RoutingStatus[] = [];
  const end = router.subscribe((status) => told.push(status));
  const puts: readonly (() => void)[] = [
    () => folder.put(textOf(atWeight(50))),
    () => folder.put("{"),
    () => folder.put(textOf(atWeight(75))),
    () => folder.put("", "support.json.kill"),
  ];
  for (const put of puts) {
    put();
    await router.refresh();
    await soon();
  }
  expect(told.map(({ weight, refused, killed }) => [weight, refused === null, killed])).toEqual([
    [50, true, false],
    [50, false, false],
    [75, true, false],
    [0, true, true],
  ]);
  await router.refresh();
  end();
  folder.put(textOf(atWeight(5)));
  await router.refresh();
  await soon();
  expect(told).toHaveLength(4);
});

test("a listener that throws keeps nobody from being told", async () => {
  let told = 0;
  router.subscribe(() => {
    throw new Error("no");
  });
  router.subscribe(() => {
    told += 1;
  });
  folder.put(textOf(atWeight(50)));
  await router.refresh();
  await soon();
  expect(told).toBe(1);
  expect(lines).toEqual(["rollout: a listener for changes failed: Error: no"]);
});

test("at the edge too, once for what comes together", async () => {
  const handed = await routerOf(textOf(atWeight(25)), { log: () => {} });
  const told: number[] = [];
  handed.subscribe(({ weight }) => told.push(weight));
  handed.kill(true);
  handed.kill(false);
  await soon();
  await handed.update(textOf(atWeight(50)));
  await soon();
  expect(told).toEqual([25, 50]);
});
