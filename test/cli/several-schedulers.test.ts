/** The built program on several machines at once, as far as one machine can show it: processes that share a PostgreSQL database and nothing else. */
import { execFile, execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { postgresUrl } from "../support/postgres.js";
import { weight } from "../support/team.js";
import { oneAgent, Workspace } from "../support/workspace.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Four weights, and gates that somebody left out: only the time holds. */
const ramp = `      - { weight: 5%, hold: 1h, until: 8h }
      - { weight: 20%, hold: 1h, until: 8h }
      - { weight: 50%, hold: 1h, until: 8h }
      - { weight: 100% }
    gates:
      eval: { skip: { because: a test } }
      canary: { skip: { because: a test } }
      full: { skip: { because: a test } }
`;
const spec = (oneAgent["rollout.config.yaml"] ?? "")
  .replace("version: 1\n", "version: 1\nstate: postgres:$STATE\n")
  .replace("      - { weight: 50%, hold: 1h, until: 8h }\n      - { weight: 100% }\n", ramp);

interface Ended {
  readonly code: number;
  readonly text: string;
}

class Team {
  readonly at = new Workspace({ ...oneAgent, "rollout.config.yaml": spec });
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    cleanups.push(() => this.at.remove());
  }

  async run(...args: readonly string[]): Promise<Ended> {
    const now = new Date(this.at.clock.at).toISOString();
    const env = { ...this.at.env, STATE: this.url, ROLLOUT_NOW: now, NO_COLOR: "1" };
    const options = { cwd: this.at.root, env };
    try {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [resolve("dist/main.cjs"), ...args],
        options,
      );
      return { code: 0, text: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as {
        readonly code: number;
        readonly stdout: string;
        readonly stderr: string;
      };
      return { code, text: stdout + stderr };
    }
  }
}

test("four applies at once move a ramp one stage at the most", async () => {
  const team = new Team(await postgresUrl());
  expect(await team.run("adopt", "support")).toMatchObject({ code: 0 });
  team.at.edit("registry/models.yaml", "opus@1", "opus@2");
  const weights: (number | null)[] = [];
  for (let round = 0; round < 5; round++) {
    const ends = await Promise.all(Array.from({ length: 4 }, () => team.run("apply", "--auto-approve")));
    expect(ends.filter(({ code }) => code !== 0 && code !== 11)).toEqual([]);
    expect(ends.filter(({ code }) => code === 0)).not.toEqual([]);
    weights.push(await weight(team.at));
    team.at.pass(2);
  }
  expect(weights).toEqual([5, 20, 50, 0, 0]);
  const { text } = await team.run("history", "--format", "json");
  expect(text.match(/"rollout-started"/g)).toHaveLength(1);
  expect(text.match(/"rollout-finished"/g)).toHaveLength(1);
}, 120_000);

test("the password of the address is written nowhere", async () => {
  const admin = await postgresUrl();
  const team = new Team(admin.replace("rollout@", "rollout:s3cret-passw0rd@"));
  const said: Ended[] = [];
  for (const command of [
    ["adopt", "support"],
    ["plan", "--out", "saved.json"],
    ["status"],
    ["apply", "--auto-approve"],
  ]) {
    said.push(await team.run(...command));
  }
  const lost = new Team(team.url.replace(/:\d+\//, ":1/"));
  said.push(await lost.run("status"));
  expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0, 1]);
  expect(said.at(-1)?.text).toMatch(/cannot be\s+reached/);
  const files = readdirSync(team.at.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const written = files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
  expect([...said.map(({ text }) => text), ...written].filter((text) => text.includes("s3cret-passw0rd"))).toEqual([]);
  const dump = execFileSync("psql", [
    admin.replace(/\?.*/, ""),
    "-At",
    "-c",
    `SELECT * FROM ${new URL(admin).searchParams.get("schema")}.entries`,
  ]);
  expect(dump.toString()).not.toContain("s3cret-passw0rd");
});

test("a variable that is not set is named", async () => {
  const team = new Team("");
  const { code, text } = await team.run("status");
  expect(code).toBe(1);
  expect(text).toMatch(/whose address is in \$STATE,\s+and it is not set/);
});
