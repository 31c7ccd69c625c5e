// Who asked is told that what is in force has changed: later, and once for what comes together.

import { beforeEach, expect, test } from "vitest";
import type { Router, RoutingStatus } from "../../src/sdk/index.js";
import { routerOf } from "../../src/sdk/router-of.js";
import { freshPlace } from "./place.js";
import { atWeight, textOf } from "./support.js";

const place = freshPlace();
let router: Router;
beforeEach(async () => {
  place.folder.put(textOf(atWeight(25)));
  router = await place.open();
});

const soon = () => new Promise(setImmediate);

test("of another snapshot, of one that is refused, of a good one, and of the kill file", async () => {
  const told: RoutingStatus[] = [];
  const end = router.subscribe((status) => told.push(status));
  const puts: readonly (() => void)[] = [
    () => place.folder.put(textOf(atWeight(50))),
    () => place.folder.put("{"),
    () => place.folder.put(textOf(atWeight(75))),
    () => place.folder.put("", "support.json.kill"),
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
  place.folder.put(textOf(atWeight(5)));
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
  place.folder.put(textOf(atWeight(50)));
  await router.refresh();
  await soon();
  expect(told).toBe(1);
  expect(place.lines).toEqual(["rollout: a listener for changes failed: Error: no"]);
});

test("a listener whose promise breaks ends no process, and one that asks anew is not told of the same change again", async () => {
  let told = 0;
  router.subscribe((): unknown => Promise.reject(new Error("later")));
  let end = () => {};
  const listen = (): void => {
    told += 1;
    end();
    if (told < 100) end = router.subscribe(listen);
  };
  end = router.subscribe(listen);
  place.folder.put(textOf(atWeight(50)));
  await router.refresh();
  await soon();
  expect(told).toBe(1);
  expect(place.lines).toEqual(["rollout: a listener for changes failed: Error: later"]);
});

test("a listener that another one has ended is not told", async () => {
  let told = 0;
  router.subscribe(() => end());
  const end = router.subscribe(() => {
    told += 1;
  });
  place.folder.put(textOf(atWeight(50)));
  await router.refresh();
  await soon();
  expect(told).toBe(0);
});

test("a log whose promise breaks ends no process", async () => {
  const log = (): unknown => Promise.reject(new Error("disk full"));
  const logging = await place.open({ log }, `${place.folder.file}.none`);
  await soon();
  expect(logging.route("a").variant).toBe("stable");
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
