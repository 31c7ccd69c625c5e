import { routerOf } from "@rollout-engine/rollout/edge";
import { askAll } from "./ask.mjs";

// Before any request, where a worker may not wait for the outside.
const early = await routerOf(null, { log: () => {} });

export default {
  async fetch(request) {
    const cases = await request.json();
    return Response.json({ early: early.route("a").variant, texts: await askAll(cases, routerOf) });
  },
};
