/** Cases that failed once, each with what it taught. A failure prints the line to add. */
import type { Case } from "../../src/testing/simulation/case.js";

export const pinned: readonly Case[] = [
  // An agent that was retired and adopted again started a change that had been rejected.
  { kind: "calm", scene: "gone and back" },
  // A restore that a person aborted was started again by the next pass.
  { kind: "calm", scene: "a restore is aborted" },
  // The baseline of a promotion that was undone meanwhile was committed.
  { kind: "storm", seed: 15 },
  // A clock that was set back turned the journal's time back.
  { kind: "storm", seed: 10 },
  { kind: "twins", seed: 113 },
  // Doubt put back what people had taken from the canary.
  { kind: "storm", seed: 269 },
  // A pass whose first raise was overtaken by its twin went on to the next stage.
  { kind: "twins", seed: 31 },
  // Under an invalid spec doubt raised the canary, and an undo was taken for a raise.
  { kind: "twins", seed: 126 },
  { kind: "twins", seed: 216 },
  // A target that was deaf, and showed the right route under an older fence, was believed.
  { kind: "storm", seed: 14 },
  // A canary that others lowered after its last stage was raised again, though the spec had gone back meanwhile.
  { kind: "twins", seed: 101445 },
  // Doubt raised a target that could not be read, and that a person had lowered meanwhile.
  { kind: "storm", seed: 460018430 },
  // A lowered canary that was noted was noted again and again, while doubt and a broken glass spoke for more.
  { kind: "twins", seed: 461032046 },
  // An engine that stalled between its intent and a raised epoch landed its old shift under the new one.
  { kind: "twins", seed: 461031463 },
  { kind: "twins", seed: 461029368 },
  // A pass whose raise was overtaken by an abort went on to start the next canary.
  { kind: "twins", seed: 461891154 },
  // Two engines that both began an operation must not both perform it.
  { kind: "twins", seed: 745 },
];

/** Those that failed under the gates of production. */
export const pinnedInProduction: readonly Case[] = [
  // A memory handed on to the next rollout of a canary took every session of its first weight for a late one, for ever.
  { kind: "storm", seed: 537 },
  { kind: "storm", seed: 571 },
  // Proof takes longer than counts: the run must not be taken for resting before.
  { kind: "storm", seed: 778740 },
];
