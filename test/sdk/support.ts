// A folder with a routing file in it, as the snapshot target would have written it.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson } from "../../src/core/model/revision.js";
import type { Snapshot } from "../../src/core/model/snapshot.js";
import type { Instant, Json, RevisionId, Weight } from "../../src/core/model/units.js";
import { readSnapshot, snapshotText } from "../../src/core/routing/snapshot-file.js";
import { textDigest } from "../../src/sdk/disk.js";

const reading = readSnapshot(readFileSync("test/vectors/routing/support.json", "utf8"), textDigest);
if (reading.kind === "refused") throw new Error(reading.because);

/** The published example: a canary at 25 %, risen from 5 %. */
export const published: Snapshot = reading.snapshot;
export const stable = published.route.stable;
export const canary = published.route.canary as RevisionId;
/** Some hours after the last rise. */
export const later = Date.UTC(2026, 10, 23, 14);

export function atWeight(percent: number): Snapshot {
  const weight = (percent * 100) as Weight;
  return { ...published, route: { ...published.route, weight, history: [{ at: 0 as Instant, weight }] } };
}

export function textOf(snapshot: Snapshot): string {
  return snapshotText(snapshot, textDigest);
}

/** The published example with other fields, whole and with the checksum that fits. */
function sealed(fields: Readonly<Record<string, Json>>): string {
  const { checksum, ...document } = { ...JSON.parse(textOf(published)), ...fields };
  return JSON.stringify({ ...document, checksum: textDigest(canonicalJson(document)) });
}

/** What a router refuses to put in force after the published example, by what is wrong with it. */
export const damages: Record<string, string> = {
  "an empty file": "",
  "an empty object": "{}",
  "a torn file": textOf(published).slice(0, 700),
  "a wrong checksum": textOf(published).replace(": 2500", ": 9900"),
  "an unknown format": sealed({ format: 2 }),
  "another agent's": textOf({ ...atWeight(100), agent: "billing" as Snapshot["agent"] }),
};

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "rollout-sdk-"));
  readonly file = join(this.path, "support.json");

  /** Atomically, as the target does. */
  put(text: string, name = "support.json"): void {
    writeFileSync(join(this.path, `.${name}.draft`), text);
    renameSync(join(this.path, `.${name}.draft`), join(this.path, name));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
