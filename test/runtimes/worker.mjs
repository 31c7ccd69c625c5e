import { routerOf } from "@rollout-engine/rollout/edge";
import { askAll } from "./ask.mjs";

// Before any request, where a worker may not wait for the outside.
const router = await routerOf(null, { log: () => {} });

export default {
  async fetch(request) {
    const cases = await request.json();
    const early = router.status().origin;
    const refused = await router.update(cases[0].text);
    return Response.json({ early, refused, late: router.status().origin, texts: await askAll(cases, routerOf) });
  },
};
