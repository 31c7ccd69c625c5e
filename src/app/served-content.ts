// A revision made again from what the target hands out, when neither the spec nor the state knows it any more.

import { gitBlob, revisionId } from "../config/revision-digest.js";
import type { PromptFile, RevisionContent, ServedRevision } from "../core/model/revision.js";
import type { AgentSpec } from "../core/model/spec.js";

/**
 * Models and prompts as they are served; tools and release, which no target hands out, as the spec has them. Where those did not change since,
 * it is the same revision with the same digest.
 */
export function servedContent({ agent, base, revision }: AgentSpec, served: ServedRevision): RevisionContent {
  const paths = new Map([...base.prompts, ...revision.prompts].map(({ name, path }) => [name, path]));
  const prompts = Object.entries(served.prompts).map(
    ([name, text]): PromptFile => ({
      path: paths.get(name) ?? name,
      blob: gitBlob(new TextEncoder().encode(text)),
      name,
      text,
    }),
  );
  const parts = { steps: served.steps, prompts, tools: base.tools, release: base.release };
  return { id: revisionId(parts), agent, ...parts, origin: { commit: null, dirty: false } };
}
