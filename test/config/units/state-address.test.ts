import { describe, expect, test } from "vitest";
import { parseStateAddress } from "../../../src/config/units/state-address.js";

describe("where the state is", () => {
  test.each([
    ["sqlite:.rollout/state.db", { kind: "sqlite", path: ".rollout/state.db" }],
    [
      "postgres://rollout@db:5432/state",
      { kind: "postgres", from: "address", url: "postgres://rollout@db:5432/state" },
    ],
    ["postgresql://db/state", { kind: "postgres", from: "address", url: "postgresql://db/state" }],
    [
      "postgres://db/state?schema=support&sslmode=verify-full&lock_timeout=500",
      {
        kind: "postgres",
        from: "address",
        url: "postgres://db/state?schema=support&sslmode=verify-full&lock_timeout=500",
      },
    ],
    ["postgres:$DATABASE_URL", { kind: "postgres", from: "environment", variable: "DATABASE_URL" }],
    [`postgres:$${"{DATABASE_URL}"}`, { kind: "postgres", from: "environment", variable: "DATABASE_URL" }],
    ["git:rollout-state", { kind: "git", branch: "rollout-state", workspace: "fresh" }],
    ["git:ops/rollout.state", { kind: "git", branch: "ops/rollout.state", workspace: "fresh" }],
    ["git:rollout-state?workspace=kept", { kind: "git", branch: "rollout-state", workspace: "kept" }],
  ])("%s", (text, state) => {
    expect(parseStateAddress(text)).toEqual({ ok: true, value: state });
  });

  test.each([
    "sqlite:",
    "sqlite:../outside.db",
    "sqlite:/etc/state.db",
    "postgres:",
    "postgres:db/state",
    "postgres://db:port/state",
    "postgres://db/state?schmea=support",
    "postgres:$",
    "git:",
    "git:-f",
    "git:a..b",
    "git:state.lock",
    "git:a/",
    "redis://db",
    "state.db",
    7,
    null,
  ])("%j is refused with a remedy or a reason", (text) => {
    const read = parseStateAddress(text);
    expect(read.ok).toBe(false);
    expect(!read.ok && read.because).toMatch(/\.$/);
  });

  test.each([
    ["postgres:DATABASE_URL", "Write postgres:$DATABASE_URL."],
    ["git:state?workspace=keep", "Write git:state, or git:state?workspace=kept."],
    ["git:state?work=kept", "Write git:state, or git:state?workspace=kept."],
  ])("%s: %s", (text, remedy) => {
    const read = parseStateAddress(text);
    expect(!read.ok && read.hint).toBe(remedy);
  });

  test.each(["postgres://rollout:s3cret@db/state", "postgres://db/state?password=s3cret"])(
    "a password is refused, and never repeated",
    (text) => {
      const read = parseStateAddress(text);
      expect(read.ok).toBe(false);
      expect(JSON.stringify(read)).not.toContain("s3cret");
    },
  );
});
