// The routing file: what is written is read back, and nothing else is believed.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../src/core/model/revision.js";
import type { Snapshot } from "../../../src/core/model/snapshot.js";
import type { AgentId, Instant, Json, RevisionId, RolloutId, Weight } from "../../../src/core/model/units.js";
import { readSnapshot, snapshotText } from "../../../src/core/routing/snapshot-file.js";

const golden = readFileSync("test/vectors/routing/support.json", "utf8");
const schema = new Ajv2020().compile(JSON.parse(readFileSync("schema/snapshot.schema.json", "utf8")));
const digest = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

type Document = Record<string, unknown>;

/** The text of a document whose checksum is right. */
function sealed(document: Document): string {
  const { checksum: _, ...content } = document;
  return JSON.stringify({ ...content, checksum: digest(canonicalJson(content)) });
}

function snapshotOf(text: string): Snapshot {
  const reading = readSnapshot(text, digest);
  return reading.kind === "snapshot" ? reading.snapshot : expect.fail(reading.because);
}

test("the published file is read, and written again byte for byte", () => {
  const snapshot = snapshotOf(golden);
  expect(snapshot.route).toMatchObject({ algo: "murmur3-32", salt: "support/ro-1", weight: 2500 });
  expect(snapshot.route.history.map(({ at, weight }) => [at, weight])).toEqual([
    [Date.UTC(2026, 10, 23, 9), 500],
    [Date.UTC(2026, 10, 23, 11), 2500],
  ]);
  expect(snapshotText(snapshot, digest)).toBe(golden);
});

const text = fc.string({ unit: fc.oneof(fc.constantFrom("\ud800", "__proto__", "\u2028", "\\", '"'), fc.string()) });
const weight = fc.integer({ min: 0, max: 10_000 }).map((value) => value as Weight);
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((value) => value as Instant);
const model = fc.record({
  model: text,
  version: text,
  params: fc.dictionary(text, fc.jsonValue() as fc.Arbitrary<Json>),
});
const served = fc.record({ steps: fc.dictionary(text, model), prompts: fc.dictionary(text, text) });
const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    agent: text.map((value) => value as AgentId),
    lineage: text,
    fence: fc.record({ epoch: fc.nat(), serial: fc.maxSafeNat() }),
    writtenAt: instant,
    unit: fc.constantFrom("user" as const, undefined),
    contents: fc.tuple(served, served),
    route: fc.record({
      rollout: fc.option(text.map((value) => value as RolloutId)),
      algo: fc.constant("murmur3-32" as const),
      salt: text,
      stable: fc.constant("r-a" as RevisionId),
      canary: fc.constant("r-b" as RevisionId),
      weight,
      history: fc.array(fc.record({ at: instant, weight })),
      previous: fc.constantFrom(null, "r-a" as RevisionId),
      fallback: fc.boolean(),
    }),
  })
  .map(({ contents: [a, b], unit, ...rest }) => ({
    ...rest,
    ...(unit === undefined ? {} : { unit }),
    revisions: { "r-a": a, "r-b": b },
  }));

test("a file that does not say what is drawn draws sessions, as all did once; a word that is not known is refused", () => {
  expect(snapshotOf(golden).unit).toBeUndefined();
  expect(snapshotOf(sealed({ ...JSON.parse(golden), unit: "session" })).unit).toBeUndefined();
  expect(snapshotOf(sealed({ ...JSON.parse(golden), unit: "user" })).unit).toBe("user");
  expect(readSnapshot(sealed({ ...JSON.parse(golden), unit: "tenant" }), digest)).toMatchObject({
    kind: "refused",
    because: 'its unit "tenant" is unknown here',
  });
});

test("whatever is written is read back, and the schema knows it", () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const written = snapshotText(snapshot, digest);
      expect(snapshotOf(written)).toEqual(JSON.parse(JSON.stringify(snapshot)));
      expect(schema(JSON.parse(written))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("no beginning of a file is taken for a file", () => {
  const whole = golden.trimEnd();
  for (let length = 0; length < whole.length; length++) {
    expect(readSnapshot(whole.slice(0, length), digest).kind).toBe("refused");
  }
});

test("no changed character goes unseen", () => {
  const characters = Array.from(golden, (_, i) => i).filter((i) => !/\s/.test(golden.charAt(i)));
  fc.assert(
    fc.property(fc.constantFrom(...characters), fc.constantFrom("0", "9", "x", '"', ",", "}"), (at, put) => {
      if (golden.charAt(at) === put) return;
      expect(readSnapshot(golden.slice(0, at) + put + golden.slice(at + 1), digest).kind).toBe("refused");
    }),
    { numRuns: 500 },
  );
});

describe("a file with the right checksum and the wrong content is refused", () => {
  const route = { weight_basis_points: 500 };
  test.each<[string, unknown, string]>([
    ["format", undefined, "no format number"],
    ["format", "1", 'format is "1"'],
    ["format", 2, "format is 2"],
    ["agent", 7, "agent is not a text"],
    ["agent", undefined, "agent is not a text"],
    ["lineage", null, "lineage is not a text"],
    ["fence", { epoch: 1 }, "fence.serial is not a whole number"],
    ["fence", { epoch: -1, serial: 1 }, "fence.epoch is not a whole number"],
    ["written_at", "yesterday", "written_at is not an instant"],
    ["written_at", "2026-02-30T00:00:00.000Z", "written_at is not an instant"],
    ["route", [], "route is not an object"],
    ["route", { algo: "random", ...route }, 'algo "random" is unknown'],
    ["route", { algo: "md5-100", canary: "r-x", weight_basis_points: 50 }, "weight 50 is none that md5-100 can route"],
    ["route", { algo: "murmur3-32", canary: "r-x", weight_basis_points: 0.5 }, "weight 0.5"],
    ["route", { algo: "murmur3-32", canary: "r-x", weight_basis_points: 10_001 }, "weight 10001"],
    ["route", { algo: "murmur3-32", canary: null, ...route }, "a weight without a canary"],
    ["revisions", {}, "without its content"],
    ["revisions", { x: { steps: { planning: {} }, prompts: {} } }, "revisions.x.steps.planning.model is not a text"],
    ["revisions", { x: { steps: {}, prompts: { system: null } } }, "revisions.x.prompts.system is not a text"],
  ])("%s %j", (key, value, because) => {
    const broken = { ...JSON.parse(golden), [key]: value };
    if (value === undefined) delete broken[key];
    expect(readSnapshot(sealed(broken), digest)).toMatchObject({
      kind: "refused",
      because: expect.stringContaining(because),
    });
  });

  test("whatever part is taken out or replaced, reader and schema agree that it is missing", () => {
    const places = placesIn(JSON.parse(golden), []);
    expect(places.length).toBeGreaterThan(40);
    for (const place of places) {
      for (const put of [undefined, null, 7.5, "x", true, [], {}]) {
        const broken = replaced(JSON.parse(golden), place, put);
        const isRead = readSnapshot(sealed(broken), digest).kind === "snapshot";
        // The schema cannot say that a route's revisions have content, nor that a weight needs a canary.
        if (isRead) expect(schema(JSON.parse(sealed(broken))), `${place.join(".")} = ${put}`).toBe(true);
      }
    }
  });

  test("a key of a later minor addition is let pass", () => {
    expect(readSnapshot(sealed({ ...JSON.parse(golden), session: { header: "x" } }), digest).kind).toBe("snapshot");
  });
});

function placesIn(value: unknown, place: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [place];
  const inside = Object.entries(value).flatMap(([key, field]) => placesIn(field, [...place, key]));
  return place.length === 0 ? inside : [place, ...inside];
}

function replaced(document: Document, place: readonly string[], put: unknown): Document {
  const parent = place.slice(0, -1).reduce<Document>((at, key) => at[key] as Document, document);
  const last = place[place.length - 1] ?? "";
  if (put === undefined) delete parent[last];
  else parent[last] = put;
  return document;
}
