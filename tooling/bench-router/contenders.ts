/** Everybody who is asked where a session goes, at the same share, each as its users ask it. */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { Snapshot } from "../../src/core/model/snapshot.js";
import type { Router } from "../../src/sdk/index.js";

export interface Contender {
  readonly name: string;
  readonly version: string;
  /** Takes a decision and reads the answer, as a number: what is then done by it is no part of the decision. */
  readonly ask: (id: string) => number;
  readonly isCanary: (id: string) => boolean;
  readonly close: () => void;
}

/** The packages of this folder alone, and flagd's evaluator, which the tests need too. */
const theirs = createRequire(resolve("tooling/bench-router/package.json"));
type Manifest = { readonly devDependencies: Readonly<Record<string, string>> };
const [own, root] = ["./package.json", "../../package.json"].map((file) => theirs(file) as Manifest);
const versions: Readonly<Record<string, string>> = { ...root?.devDependencies, ...own?.devDependencies };
const nothing = () => {};

interface Flagd {
  setConfigurations(flags: string): unknown;
  resolveStringEvaluation(flag: string, otherwise: string, context: object): { readonly value: string };
}

/** flagd's own evaluator over one flag whose `fractional` draws as our route does. */
export function flagd({ agent, route }: Pick<Snapshot, "agent" | "route">): Contender {
  const { FlagdCore } = theirs("@openfeature/flagd-core") as { readonly FlagdCore: new () => Flagd };
  const core = new FlagdCore();
  const targeting = {
    fractional: [
      { cat: [route.salt, { var: "targetingKey" }] },
      ["canary", route.weight],
      ["stable", 10_000 - route.weight],
    ],
  };
  const variants = { stable: "stable", canary: "canary" };
  const flags = { [agent]: { state: "ENABLED", variants, defaultVariant: "stable", targeting } };
  core.setConfigurations(JSON.stringify({ flags }));
  return {
    name: "@openfeature/flagd-core",
    version: versions["@openfeature/flagd-core"] ?? "",
    ask: (id) => core.resolveStringEvaluation(agent, "stable", { targetingKey: id }).value.length,
    isCanary: (id) => core.resolveStringEvaluation(agent, "stable", { targetingKey: id }).value === "canary",
    close: nothing,
  };
}

/** The simple rule in the two lines in which everybody writes it. */
export function md5Rule({ route }: Pick<Snapshot, "route">): Contender {
  const percent = BigInt(Math.floor(route.weight / 100));
  const isCanary = (id: string) => BigInt(`0x${createHash("md5").update(id).digest("hex")}`) % 100n < percent;
  const ask = (id: string) => Number(isCanary(id));
  return { name: "md5 rule, node:crypto", version: process.version, ask, isCanary, close: nothing };
}

interface GrowthBook {
  initSync(options: object): unknown;
  getFeatureValue(feature: string, otherwise: string, user: object): string;
  destroy(): void;
}

export function growthBook({ agent, route }: Pick<Snapshot, "agent" | "route">): Contender {
  const { GrowthBookClient } = theirs("@growthbook/growthbook") as {
    readonly GrowthBookClient: new (options: object) => GrowthBook;
  };
  const client = new GrowthBookClient({});
  const share = route.weight / 10_000;
  const rule = {
    key: route.salt,
    seed: route.salt,
    hashAttribute: "id",
    hashVersion: 2,
    variations: ["stable", "canary"],
    weights: [1 - share, share],
    coverage: 1,
  };
  client.initSync({ payload: { features: { [agent]: { defaultValue: "stable", rules: [rule] } } } });
  return {
    name: "@growthbook/growthbook",
    version: versions["@growthbook/growthbook"] ?? "",
    ask: (id) => client.getFeatureValue(agent, "stable", { attributes: { id } }).length,
    isCanary: (id) => client.getFeatureValue(agent, "stable", { attributes: { id } }) === "canary",
    close: () => client.destroy(),
  };
}

interface Unleash {
  on(event: string, listener: () => void): void;
  once(event: string, listener: () => void): void;
  start(): Promise<void>;
  isEnabled(flag: string, context: object): boolean;
  destroy(): void;
}

/** From its bootstrap data: the server it would ask is not there. */
export async function unleash({ agent, route }: Pick<Snapshot, "agent" | "route">): Promise<Contender> {
  const { Unleash, InMemStorageProvider } = theirs("unleash-client") as {
    readonly Unleash: new (options: object) => Unleash;
    readonly InMemStorageProvider: new () => object;
  };
  const parameters = { rollout: String(route.weight / 100), stickiness: "sessionId", groupId: route.salt };
  const strategies = [{ name: "flexibleRollout", parameters, constraints: [] }];
  const client = new Unleash({
    appName: "bench",
    url: "http://127.0.0.1:9/",
    disableAutoStart: true,
    disableMetrics: true,
    refreshInterval: 0,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: [{ name: agent, enabled: true, strategies, variants: [] }] },
  });
  for (const event of ["error", "warn"]) client.on(event, nothing);
  const ready = new Promise<void>((done) => client.once("ready", done));
  await client.start();
  await ready;
  return {
    name: "unleash-client",
    version: versions["unleash-client"] ?? "",
    ask: (id) => Number(client.isEnabled(agent, { sessionId: id })),
    isCanary: (id) => client.isEnabled(agent, { sessionId: id }),
    close: () => client.destroy(),
  };
}

/** Ours, through the door that agents use. */
export function ours(name: string, router: Router, options?: { readonly startedAt?: number }): Contender {
  const isCanary = (id: string) => router.route(id, options).variant === "canary";
  const ask =
    options === undefined
      ? (id: string) => router.route(id).variant.length
      : (id: string) => router.route(id, options).variant.length;
  return { name, version: "", ask, isCanary, close: nothing };
}
