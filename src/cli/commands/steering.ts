// What people say to a rollout, each recorded with who said it and why.

import type { CommandArguments } from "../../app/command.js";
import type { Binding } from "../binding.js";

const oneAgent = { name: "<agent>", text: "the agent" };
const by = { flags: "--by <name>", text: "who says so (default: the identity of CI or git)" };
const because = { flags: "--because <reason>", text: "why, for the record" };
const neededReason = { flags: "--because <reason>", text: "why, for the record (needed)" };

export const adopt: Binding = {
  words: ["adopt"],
  summary: "take what is live, or the registry without overrides, as an agent's stable revision",
  arguments: [oneAgent],
  options: [],
  example: "rollout adopt support",
  run: async (world, input) => (await import("../../app/adopt.js")).adopt(world, { agent: input.argument(0) ?? "" }),
};

export const undo: Binding = {
  words: ["undo"],
  summary: "go back to the previous stable revision at once, and hold there until the spec agrees",
  arguments: [oneAgent],
  options: [because],
  example: 'rollout undo support --because "wrong refunds"',
  run: async (world, input) =>
    (await import("../../app/undo.js")).undo(world, { agent: input.argument(0) ?? "", because: input.text("because") }),
};

export const recover: Binding = {
  words: ["recover"],
  summary: "start the state anew from a target whose route it does not know",
  arguments: [oneAgent],
  options: [because],
  example: 'rollout recover support --because "the disk was lost"',
  run: async (world, input) =>
    (await import("../../app/recover.js")).recover(world, {
      agent: input.argument(0) ?? "",
      because: input.text("because"),
    }),
};

export const approve: Binding = {
  words: ["approve"],
  summary: "give a named person's word for one revision",
  arguments: [oneAgent],
  options: [{ flags: "--revision <revision>", text: "its beginning, as r-3f2a91c (default: the one that waits)" }, by],
  example: "rollout approve support --revision r-3f2a91c --by ada@example.com",
  run: async (world, input) =>
    (await import("../../app/command.js")).approve(world, {
      agent: input.argument(0) ?? "",
      revision: input.text("revision"),
      by: input.text("by"),
    }),
};

const glass = {
  flags: "--break-glass",
  text: "work on the target alone when the state cannot be reached; reconciled later",
};

export const abort: Binding = {
  words: ["abort"],
  summary: "give the canary no more traffic, at once, and end its rollout",
  arguments: [oneAgent],
  options: [because, by, glass],
  example: 'rollout abort support --because "tool loops"',
  run: async (world, input) => {
    const agent = input.argument(0) ?? "";
    const why = input.text("because");
    if (input.flag("breakGlass"))
      return (await import("../../app/break-glass.js")).breakGlass(world, { agent, because: why });
    const { command } = await import("../../app/command.js");
    return command(world, { agent, command: "abort", because: why, by: input.text("by") });
  },
};

export const fallbackOn: Binding = {
  words: ["fallback", "on"],
  summary: "send everybody to the fallback, at once, until it is switched off",
  arguments: [oneAgent],
  options: [neededReason, by, glass],
  example: 'rollout fallback on support --because "the provider is down"',
  run: async (world, input) => {
    const agent = input.argument(0) ?? "";
    const why = input.text("because");
    if (input.flag("breakGlass"))
      return (await import("../../app/break-glass.js")).fallbackByGlass(world, { agent, because: why });
    const { fallback } = await import("../../app/fallback.js");
    return fallback(world, { agent, on: true, because: why, by: input.text("by") });
  },
};

export const fallbackOff: Binding = {
  words: ["fallback", "off"],
  summary: "end the fallback: the route is what it was",
  arguments: [oneAgent],
  options: [because, by],
  example: "rollout fallback off support",
  run: async (world, input) => {
    const { fallback } = await import("../../app/fallback.js");
    const said = { because: input.text("because"), by: input.text("by") };
    return fallback(world, { agent: input.argument(0) ?? "", on: false, ...said });
  },
};

export const pause = steering("pause", {
  summary: "stay at this stage; the canary is still judged for a fail",
  reason: because,
});
export const resume = steering("resume", { summary: "go on with a paused rollout", reason: because });
export const proceed = steering("proceed", {
  summary: "leave a gate that did not pass by a named person's word",
  reason: neededReason,
});
export const promote = steering("promote", {
  summary: "skip what is left of the ramp and give the canary everything",
  reason: neededReason,
});
export const retry = steering("retry", {
  summary: "lift the rejection that a rollback left behind, and start afresh",
  reason: neededReason,
  more: [
    { flags: "--incident <id>", text: "whose rejection (default: the one that holds back what the spec asks for)" },
  ],
});

function steering(
  command: Exclude<CommandArguments["command"], "abort">,
  words: { readonly summary: string; readonly reason: Binding["options"][number]; readonly more?: Binding["options"] },
): Binding {
  return {
    words: [command],
    summary: words.summary,
    arguments: [oneAgent],
    options: [words.reason, by, ...(words.more ?? [])],
    example: `rollout ${command} support --because "agreed with the support team"`,
    run: async (world, input) =>
      (await import("../../app/command.js")).command(world, {
        agent: input.argument(0) ?? "",
        command,
        because: input.text("because"),
        by: input.text("by"),
        incident: input.text("incident"),
      }),
  };
}
