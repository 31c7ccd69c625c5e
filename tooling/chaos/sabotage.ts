/** Guarantees broken on purpose, in the sources that a build is made of: a harness that nobody has sabotaged is not believed. */

export interface Sabotage {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

const tick = "src/engine/tick.ts";
const intent = 'const serial = await write(run, { agent, after: situation.serial }, { kind: "shift-begun", route });';
const effect = "await target.act(action, fence, patience(run));";

export const effectBeforeIntent: Sabotage = {
  name: "the target is touched before the intent is recorded",
  edits: [
    { file: tick, from: intent, to: "const serial = situation.serial + 1;" },
    {
      file: tick,
      from: effect,
      to: `${effect}\nawait write(run, { agent, after: situation.serial }, { kind: "shift-begun", route });`,
    },
  ],
};

export const doubtForgotten: Sabotage = {
  name: "a shift that was begun counts as done",
  edits: [
    {
      file: "src/core/rollout/replay.ts",
      from: "return { ...state, pending: event.route, inDoubt: true };",
      to: "return shiftDone({ ...state, pending: event.route }, event);",
    },
  ],
};

export const noLookup: Sabotage = {
  name: "an operation is repeated without being looked up",
  edits: [
    {
      file: tick,
      from: "const found = await publisher.find(operation);",
      to: "const found = null as string | null;",
    },
  ],
};

export const entryTwice: Sabotage = {
  name: "what was decided is written twice",
  edits: [
    {
      file: tick,
      from: "await write(run, { agent, after: serial, at: sight.now }, decision.event);",
      to: `for (const more of [0, 1])
        await write(run, { agent, after: serial + more, at: sight.now }, decision.event);`,
    },
  ],
};

export const leaseIgnored: Sabotage = {
  name: "the lease is ignored",
  edits: [
    {
      file: "src/providers/stores/sqlite.ts",
      from: "throw heldBy(agent, kept.holder as string, kept.expires_at as Instant);",
      to: "heldBy(agent, kept.holder as string, kept.expires_at as Instant);",
    },
  ],
};

export const fenceIgnored: Sabotage = {
  name: "the target ignores fences",
  edits: [
    {
      file: "src/ports/check-shift.ts",
      from: "if (compareFences(fence, rival.fence) < 0) {",
      to: "if (Date.now() < 0) {",
    },
    {
      file: "src/providers/targets/snapshot/fenced-file.ts",
      from: "if (order < 0) await rm(join(folder, name), { force: true });",
      to: "",
    },
  ],
};
