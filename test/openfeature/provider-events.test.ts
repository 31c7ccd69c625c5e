// What the provider tells the real OpenFeature SDK: that it is ready, stale or broken, and which flags have changed.

import { OpenFeature, ProviderEvents, ProviderStatus } from "@openfeature/server-sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Agents, RolloutProvider } from "../../src/openfeature/index.js";
import type { Router } from "../../src/sdk/index.js";
import { freshPlace } from "../sdk/place.js";
import { atWeight, later, published, textOf } from "../sdk/support.js";

const quiet = { log: () => {}, pollMs: 1_000_000, now: () => later };
const place = freshPlace();
let told: string[] = [];
let router: Router;
beforeEach(() => {
  told = [];
  for (const type of Object.values(ProviderEvents)) {
    OpenFeature.addHandler(type, (details) => {
      const flags = (details as { readonly flagsChanged?: readonly string[] }).flagsChanged ?? [];
      told.push([type, ...flags, details?.message ?? ""].join(" ").trim());
    });
  }
});
afterEach(async () => {
  OpenFeature.clearHandlers();
  await OpenFeature.close();
});

const soon = () => new Promise(setImmediate);
const status = () => OpenFeature.getClient("events").providerStatus;

/** What is told while this happens. */
async function heard(act: () => unknown): Promise<readonly string[]> {
  told = [];
  await act();
  for (let i = 0; i < 3; i++) await soon();
  return told;
}

const set = (agents: Agents) =>
  OpenFeature.setProviderAndWait("events", new RolloutProvider(agents, quiet)).catch(() => {});
const put = async (text: string, name?: string) => {
  place.folder.put(text, name);
  await router.refresh();
};
const changed = "PROVIDER_CONFIGURATION_CHANGED support support/planning support/parsing";

test("a snapshot that takes force, one that is refused, a good one again, the kill file", async () => {
  place.folder.put(textOf(atWeight(5)));
  router = await place.open();
  expect(await heard(() => set(router))).toEqual(["PROVIDER_READY"]);
  expect(await heard(() => put(textOf(atWeight(25))))).toEqual([changed]);
  expect(await heard(() => put("{"))).toEqual([
    "PROVIDER_STALE the routing file of support is refused, since it is not JSON, or only the beginning of it",
  ]);
  expect(status()).toBe(ProviderStatus.STALE);
  expect(await heard(() => put("[]"))).toEqual([]);
  expect(await heard(() => put(textOf(atWeight(25))))).toEqual(["PROVIDER_READY"]);
  expect(status()).toBe(ProviderStatus.READY);
  expect(await heard(() => put("x"))).toHaveLength(1);
  expect(await heard(() => put(textOf(atWeight(50))))).toEqual(["PROVIDER_READY", changed]);
  expect(await heard(() => put("", "support.json.kill"))).toEqual([changed]);
});

test("from the copy of the predecessor it is ready and stale, until there is a good file", async () => {
  place.folder.put(textOf(published), "support.json.previous");
  router = await place.open();
  const because = "the routing file of support is refused, since it is not there";
  expect(await heard(() => set(router))).toEqual(["PROVIDER_READY", `PROVIDER_STALE ${because}`]);
  expect(status()).toBe(ProviderStatus.STALE);
  expect(await heard(() => put(textOf(published)))).toEqual(["PROVIDER_READY", changed]);
});

test("with nothing in force it is broken, and ready by itself once there is something", async () => {
  router = await place.open({ agent: "support" });
  const because = "nothing is in force for support: its routing file is refused, since it is not there";
  expect(await heard(() => set(router))).toEqual([`PROVIDER_ERROR ${because}`]);
  expect(status()).toBe(ProviderStatus.ERROR);
  expect(await heard(() => put(textOf(published)))).toEqual(["PROVIDER_READY", changed]);
  expect(await OpenFeature.getClient("events").getStringValue("support/parsing", "", { targetingKey: "a" })).toMatch(
    /@/,
  );
});

test("another agent's name is an error, for a router and for a file, and its models are not served", async () => {
  place.folder.put(textOf(published));
  router = await place.open();
  expect(await heard(() => set({ billing: router }))).toEqual([
    "PROVIDER_ERROR the router that is given for billing routes the agent support",
  ]);
  const flags = OpenFeature.getClient("events");
  for (const flag of ["billing", "billing/planning", "support"])
    expect(await flags.getStringValue(flag, "default", { targetingKey: "a" })).toBe("default");
  expect(await heard(() => set({ billing: place.folder.file }))).toEqual([
    "PROVIDER_ERROR nothing is in force for billing: its routing file is refused, since it routes the agent support, not billing",
  ]);
  expect(await flags.getStringDetails("billing/planning", "default", {})).toMatchObject({
    errorCode: "PROVIDER_NOT_READY",
  });
});

test("after it was replaced it tells nothing", async () => {
  place.folder.put(textOf(atWeight(5)));
  router = await place.open();
  const provider = new RolloutProvider(router, quiet);
  await OpenFeature.setProviderAndWait("events", provider);
  // Its own events, since OpenFeature passes on nothing of a provider that was replaced.
  const own: string[] = [];
  for (const type of Object.values(ProviderEvents)) provider.events.addHandler(type, () => void own.push(type));
  await heard(() => put(textOf(atWeight(25))));
  expect(own).toEqual(["PROVIDER_CONFIGURATION_CHANGED"]);
  await set(place.folder.file);
  await heard(() => put(textOf(atWeight(50))));
  expect(own).toHaveLength(1);
});
