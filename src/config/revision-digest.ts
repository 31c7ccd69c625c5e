// The digest of everything that can change an agent's behaviour: same content, same digest, whoever computes it.

import { createHash } from "node:crypto";
import { canonicalJson, type RevisionContent } from "../core/model/revision.js";
import type { Digest, RevisionId } from "../core/model/units.js";

/** What the digest is computed from stands in front of it: another algorithm gives other revisions, never the same by chance. */
const algorithm = "rollout-revision-1";

/** The agent's name, the commit and the prompts' names are not a part of it. */
export function revisionId(content: Pick<RevisionContent, "steps" | "prompts" | "tools" | "release">): RevisionId {
  const files = (list: readonly { readonly path: string; readonly blob: string }[]): unknown =>
    list.map(({ path, blob }) => ({ path, blob })).sort((a, b) => (a.path < b.path ? -1 : 1));
  const { steps, prompts, tools, release } = content;
  const named = release?.kind === "paths" ? { kind: "paths", files: files(release.files) } : release;
  const text = canonicalJson({ steps, prompts: files(prompts), tools: files(tools), release: named });
  return `r-${sha256(`${algorithm}\n${text}`)}` as RevisionId;
}

/** The digest of any plain value. */
export function contentDigest(value: unknown): Digest {
  return `sha256:${sha256(canonicalJson(value))}` as Digest;
}

/** The hash under which git keeps a file of this content. */
export function gitBlob(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.byteLength}\0`).update(bytes).digest("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
