// Routes as events of the real OpenTelemetry SDK, and what happens when its exporter is broken or slow.

import { runInNewContext } from "node:vm";
import type { Logger } from "@opentelemetry/api-logs";
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from "@opentelemetry/sdk-logs";
import { expect, expectTypeOf, test } from "vitest";
import { type EventLogger, featureFlagEvents, type RouteEvent } from "../../src/sdk/index.js";
import { freshPlace } from "./place.js";
import { canary, later, published, stable, textOf } from "./support.js";

const place = freshPlace();
const open = (onRoute: (event: RouteEvent) => unknown) => place.open({ onRoute });

function exporting(): { readonly logger: Logger; readonly exported: () => readonly ReadableLogRecord[] } {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  return { logger: provider.getLogger("agent"), exported: () => exporter.getFinishedLogRecords() };
}

const soon = () => new Promise(setImmediate);

test("the logger of OpenTelemetry is one", () => {
  expectTypeOf<Logger>().toExtend<EventLogger>();
});

test("each route is an event of the semantic conventions, after the request", async () => {
  place.folder.put(textOf(published));
  const { logger, exported } = exporting();
  const router = await open(featureFlagEvents(logger));
  const routes = ["session-1", "session-2", ""].map((session) => router.route(session));
  router.route("session-1", { revision: canary });
  expect(exported()).toEqual([]);
  await soon();
  const common = {
    "feature_flag.key": "support",
    "feature_flag.provider.name": "rollout",
    "feature_flag.version": "1.41",
    "rollout.id": published.route.rollout,
    "rollout.weight": 25,
  };
  const told = (variant?: string, revision?: string | null) => ({
    "feature_flag.result.variant": variant,
    "rollout.revision": revision,
  });
  const [first, second, third] = routes.map(({ variant, revision }) => told(variant, revision));
  const context = (id: string, reason: string) => ({
    "feature_flag.context.id": id,
    "feature_flag.result.reason": reason,
  });
  expect(exported().map(({ attributes }) => attributes)).toEqual([
    { ...common, ...first, ...context("session-1", "split") },
    { ...common, ...second, ...context("session-2", "split") },
    { ...common, ...third, "feature_flag.result.reason": "default" },
    { ...common, ...told("canary", canary), ...context("session-1", "targeting_match") },
  ]);
  for (const record of exported()) {
    expect(record.eventName).toBe("feature_flag.evaluation");
    expect(record.hrTime).toEqual([later / 1000, 0]);
  }
});

test.each([
  { what: "without a canary", put: { canary: null, weight: 0 }, expected: { variant: "stable", reason: "static" } },
  { what: "in the fallback", put: { fallback: true }, expected: { variant: "fallback", reason: "static" } },
])("$what there is one answer", async ({ put, expected }) => {
  place.folder.put(textOf({ ...published, route: { ...published.route, history: [], ...(put as object) } }));
  expect(await onlyEvent()).toMatchObject(flagged(expected));
});

test("what was in force is told: the kill file, the copy of the predecessor, nothing", async () => {
  place.folder.put(textOf(published), "support.json.previous");
  expect(await onlyEvent()).toMatchObject({
    ...flagged({ variant: "stable", reason: "stale" }),
    "rollout.revision": stable,
  });
  place.folder.put(textOf(published));
  place.folder.put("", "support.json.kill");
  expect(await onlyEvent()).toMatchObject(flagged({ variant: "stable", reason: "disabled" }));
  place.folder.remove();
  expect(await onlyEvent()).toEqual({
    "feature_flag.provider.name": "rollout",
    ...flagged({ variant: "stable", reason: "default" }),
    "feature_flag.context.id": "session-1",
    "rollout.weight": 0,
  });
});

function flagged({ variant, reason }: { readonly variant: string; readonly reason: string }): object {
  return { "feature_flag.result.variant": variant, "feature_flag.result.reason": reason };
}

async function onlyEvent(): Promise<object> {
  const { logger, exported } = exporting();
  const router = await open(featureFlagEvents(logger));
  router.route("session-1");
  await soon();
  expect(exported()).toHaveLength(1);
  return exported()[0]?.attributes ?? {};
}

test("an exporter that throws, and a hook whose promise breaks, disturb no route and are said once", async () => {
  place.folder.put(textOf(published));
  const broken: EventLogger = {
    emit: () => {
      throw new Error("collector gone");
    },
  };
  const router = await open(featureFlagEvents(broken));
  const other = await open(async () => {
    throw new Error("later");
  });
  for (const session of ["a", "b"]) expect(router.route(session)).toEqual(other.route(session));
  await soon();
  await soon();
  expect(place.lines).toEqual([
    "rollout: onRoute failed: Error: collector gone",
    "rollout: onRoute failed: Error: later",
  ]);
  expect(router.status().events).toEqual({ waiting: 0, dropped: 0 });
});

test("a hook that throws what has no text is complained of, too", async () => {
  place.folder.put(textOf(published));
  const router = await open(() => {
    throw Object.create(null);
  });
  router.route("a");
  await soon();
  expect(place.lines).toEqual(["rollout: onRoute failed: (object)"]);
});

test("a promise of another kind that breaks ends no process", async () => {
  place.folder.put(textOf(published));
  const router = await open(() => runInNewContext("Promise.reject('gone')"));
  router.route("a");
  await soon();
  await soon();
  expect(place.lines).toEqual(["rollout: onRoute failed: gone"]);
});

test("events that come faster than they are taken are dropped and counted, and routes are not", async () => {
  place.folder.put(textOf(published));
  let told = 0;
  const router = await open(() => {
    told += 1;
  });
  for (let i = 0; i < 10_500; i++) expect(router.route("a").variant).toBeTypeOf("string");
  expect(router.status().events).toEqual({ waiting: 10_000, dropped: 500 });
  await soon();
  expect(told).toBe(10_000);
  expect(router.status().events).toEqual({ waiting: 0, dropped: 500 });
  expect(place.lines).toEqual(["rollout: onRoute cannot follow: route events are lost"]);
});
