/** A whole rollout whose state is in PostgreSQL, and what happens when the database goes away. */
import { afterEach, expect, test } from "vitest";
import { breakGlass } from "../../src/app/break-glass.js";
import { history } from "../../src/app/history.js";
import { answering } from "../../src/app/refusal.js";
import { status } from "../../src/app/status.js";
import type { Duration } from "../../src/core/model/units.js";
import { postgresUrl } from "../support/postgres.js";
import { type PostgresServer, startPostgresServer } from "../support/postgres-server.js";
import {
  adopted,
  bumped,
  codes,
  kinds,
  lineOf,
  prepared,
  ramping,
  scheduled,
  stateIn,
  support,
  users,
  weight,
} from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function workspace(url: string, ...steps: readonly ((at: Workspace) => unknown)[]): Promise<Workspace> {
  const spec = (oneAgent["rollout.config.yaml"] ?? "").replace("version: 1\n", `version: 1\nstate: ${url}\n`);
  const at = await prepared({ ...oneAgent, "rollout.config.yaml": spec }, ...steps);
  cleanups.push(() => at.remove());
  return at;
}

test("adopt, start, advance, promote", async () => {
  const at = await workspace(await postgresUrl(), adopted);
  expect(await kinds(at)).toEqual(expect.arrayContaining(["agent-adopted"]));
  await bumped(at);
  expect((await scheduled(at)).exit).toBe(0);
  expect(await weight(at)).toBe(50);
  await users(at, { hours: 3 });
  await scheduled(at);
  await scheduled(at);
  expect((await stateIn(at)).rollout).toBeNull();
  expect(await kinds(at)).toContain("rollout-finished");
  expect(at.git("status", "--short", "--ignored")).not.toContain("state.db");
});

test("another machine, with the same repository and no files of ours, sees the same and goes on", async () => {
  const url = await postgresUrl();
  const one = await workspace(url, ramping);
  const two = await workspace(url);
  const told = async (at: Workspace) => history(at.world(), { agents: [], limit: null });
  two.clock.at = one.clock.at;
  expect(await told(two)).toEqual(await told(one));
});

test("a dead holder's lease is waited for, and then taken over", async () => {
  const url = await postgresUrl();
  const at = await workspace(url, ramping);
  await users(at, { hours: 3 });
  const dead = await at
    .world()
    .open.store({ kind: "postgres", from: "address", url }, { root: at.root, readOnly: false });
  cleanups.push(() => dead.close());
  await dead.lease(support, { holder: "the dead one", for: 30_000 as Duration });
  const held = await scheduled(at, { holder: "another" });
  expect(held.exit).toBe(11);
  expect(JSON.stringify(held.view)).toContain("the dead one is working on support");
  at.pass(0.01);
  expect((await scheduled(at, { holder: "another" })).exit).toBe(0);
  expect(await kinds(at)).toContain("rollout-finished");
});

async function ownServer(): Promise<PostgresServer> {
  const started = await startPostgresServer();
  cleanups.push(() => started.stop());
  return started;
}

test("while the database is away nothing is moved, the glass can be broken, and it is reconciled afterwards", async () => {
  const server = await ownServer();
  const at = await workspace(server.url, ramping);
  const before = await kinds(at);
  await server.crash();
  for (const answer of [await scheduled(at), await answering(() => status(at.world(), { agents: [] }))]) {
    expect(answer.exit).toBe(1);
    expect(codes(answer)).toEqual(["door/fault"]);
    expect(lineOf(answer)).toMatch(
      /PostgreSQL database "postgres" on 127\.0\.0\.1:\d+ cannot be reached: .*traffic stays/,
    );
  }
  expect(await weight(at)).toBe(50);
  expect((await breakGlass(at.world(), { agent: support, because: null })).exit).toBe(0);
  expect(await weight(at)).toBe(0);
  await server.start();
  expect((await kinds(at)).slice(0, before.length)).toEqual(before);
  await scheduled(at);
  expect(await weight(at)).toBe(0);
  expect(await kinds(at)).toContain("drift-found");
});

test("a rollout that was promoted is in the journal once, though the database restarts between any two applies", async () => {
  const server = await ownServer();
  const at = await workspace(server.url, ramping);
  await server.restart();
  await users(at, { hours: 3 });
  await scheduled(at);
  await server.restart();
  await scheduled(at);
  await scheduled(at);
  expect((await kinds(at)).filter((kind) => kind === "rollout-finished")).toHaveLength(1);
});
