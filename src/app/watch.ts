// Hearing that somebody wrote to the state, where its store can tell.

import { loadSpec } from "../config/load-spec.js";
import { silentWatch, type Watch } from "../ports/watch.js";
import type { World } from "./world.js";

/** Calls back for each change until it is closed. It is a help, and never a problem of its own: the look that follows says what is wrong. */
export async function watchState(world: World, changed: () => void): Promise<Watch> {
  const loaded = await loadSpec({ cwd: world.cwd, file: world.config });
  if (!loaded.ok) return silentWatch;
  return world.open.watch(loaded.value.spec.state, changed).catch(() => silentWatch);
}
