// The names that `rollout generate` writes make a misspelt step a compile error. `npm run types` checks this file.

import type { IncomingHttpHeaders } from "node:http";
import { expect, expectTypeOf, test } from "vitest";
import { type ModelEntry, openRouter, type Router, type SessionFacts, type SessionRoute } from "../../src/sdk/index.js";

type Steps = "planning" | "parsing";
type Prompts = "system" | "tools/refund";

test("only steps and prompts that exist can be asked for", () => {
  expectTypeOf<Router<Steps, Prompts>["getModel"]>().parameter(0).toEqualTypeOf<Steps>();
  expectTypeOf<Router<Steps, Prompts>["getModel"]>().returns.toEqualTypeOf<ModelEntry | null>();
  expectTypeOf<Router<Steps, Prompts>["getPrompt"]>().parameter(0).toEqualTypeOf<Prompts>();
  expectTypeOf<Router["getModel"]>().parameter(0).toEqualTypeOf<string>();
});

test("a revision is what Node and fetch give for a header", () => {
  expectTypeOf<IncomingHttpHeaders[string]>().toExtend<SessionFacts["revision"]>();
  expectTypeOf<ReturnType<Headers["get"]>>().toExtend<SessionFacts["revision"]>();
});

test("a misspelt name does not compile", () => {
  const compiled = async (route: SessionRoute): Promise<void> => {
    const router = await openRouter<Steps, Prompts>("live/support.json");
    router.getModel("planning", route);
    // @ts-expect-error a step that the agent does not have
    router.getModel("planing", route);
    // @ts-expect-error a prompt that the agent does not have
    router.getPrompt("sytem", route);
    const planning = { model: "claude-opus-4-5", version: "20251101" };
    // @ts-expect-error a bootstrap that lacks a step
    await openRouter<Steps, Prompts>("live/support.json", { bootstrap: { steps: { planning } } });
    const loose = await openRouter("live/support.json", { bootstrap: { steps: { planning, parsing: planning } } });
    loose.getModel("planning", route);
  };
  // It is here to be compiled, not to be run.
  expect(compiled).toBeTypeOf("function");
});
