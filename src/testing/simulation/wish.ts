// The revisions that a simulated team can wish for, and how good each of them really is.

import type { RevisionContent } from "../../core/model/revision.js";
import type { AgentId, RevisionId } from "../../core/model/units.js";

/**
 * The planning model and the prompt, each by its sign. Models: `a` is today's, `b` as good, `c` worse, `d` sends no telemetry, `e` fails its
 * evals, `f` was never evaluated. Prompts: `1` is today's, `2` as good, `3` worse, `4` a little worse: too little to fail, too
 * much to pass.
 */
export type Wish = `${(typeof models)[number]}${(typeof prompts)[number]}`;

const models = ["a", "b", "c", "d", "e", "f"] as const;
const prompts = ["1", "2", "3", "4"] as const;
export const wishes: readonly Wish[] = models.flatMap((model) => prompts.map((prompt): Wish => `${model}${prompt}`));

export const agent = "support" as AgentId;
/** The step whose model is tried. */
export const step = "planning";

export interface Truth {
  /** Share of its sessions that go well. */
  readonly success: number;
  /** Whether its sessions reach the metric source at all. */
  readonly tells: boolean;
  /** What its eval run scores; null: it was never evaluated. */
  readonly score: string | null;
}

export function truthOf(wish: Wish): Truth {
  const model = wish.charAt(0);
  const worse = model === "c" || wish.charAt(1) === "3";
  const score = model === "f" ? null : model === "e" ? "0.70" : "0.90";
  const success = worse ? 0.6 : wish.charAt(1) === "4" ? 0.86 : 0.9;
  return { success, tells: model !== "d", score };
}

/** How good each revision really is. */
export const truths: ReadonlyMap<RevisionId, Truth> = new Map(wishes.map((wish) => [revisionId(wish), truthOf(wish)]));

export function revisionId(wish: Wish): RevisionId {
  return `r-${wish.repeat(32)}` as RevisionId;
}

const contents = new Map(wishes.map((wish) => [revisionId(wish), contentOf(wish)]));

export function content(wish: Wish): RevisionContent {
  return contents.get(revisionId(wish)) ?? contentOf(wish);
}

function contentOf(wish: Wish): RevisionContent {
  const prompt = wish.charAt(1);
  return {
    id: revisionId(wish),
    agent,
    steps: {
      [step]: { model: "planner", version: wish.charAt(0), params: {} },
      synthesis: { model: "writer", version: "1", params: { temperature: 0 } },
    },
    prompts: [{ path: "prompts/support/system.md", blob: prompt.repeat(40), name: "system", text: `prompt ${prompt}` }],
    tools: [],
    release: null,
    origin: { commit: null, dirty: false },
  };
}

/** The same wish with today's planning model: what the registry says while the model is an override. */
export function withoutOverride(wish: Wish, model: string): Wish {
  return `${model}${wish.charAt(1)}` as Wish;
}
