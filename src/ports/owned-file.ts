// A file that a target owns beside the routing file: one agent's, read whole, and replaced so that the highest fence wins.

import type { Fence } from "../core/model/route.js";
import { maxSnapshotBytes } from "../core/model/snapshot.js";
import { checkShift, type ShiftRival } from "./check-shift.js";
import { Fault } from "./fault.js";
import type { ShiftAction } from "./traffic-target.js";

export interface OwnedFile {
  /** Relative to the repository's root. */
  readonly path: string;
  /** Null where there is none. Throws a `Fault` whose message names no folder of this machine. */
  read(): string | null;
  /**
   * Durable when it returns. `look` is asked before anything is touched, and once more when no older writer is left. Throws what `look`
   * throws, and a `Fault` ("conflict" when overtaken).
   */
  replace(text: string, fence: Fence, signal: AbortSignal, look: () => KeptText | null): Promise<void>;
}

/** More is neither written nor read: a routing file's contents, several times over. */
export const maxOwnedBytes = 4 * maxSnapshotBytes;

/** Before anything is touched. Throws a `Fault` ("rejected") for a text that could not be read again. */
export function checkSize(text: string, { path }: OwnedFile): void {
  const { length } = new TextEncoder().encode(text);
  if (length > maxOwnedBytes)
    throw new Fault(
      "rejected",
      `${path} would have ${length} bytes and may have ${maxOwnedBytes}: shorten the steps' params`,
    );
}

/** What is kept beside a replaced file, and behind which name: `.damaged`. */
export interface KeptText {
  readonly suffix: string;
  readonly text: string;
}

/** What stands in such a file. `damaged`: rollout wrote it and somebody changed it. `strange`: somebody else's. */
export type OwnedText<Content> =
  | { readonly kind: "none" }
  | { readonly kind: "ours"; readonly agent: string; readonly rival: ShiftRival; readonly content: Content }
  /** `rival`: what it still says of its last writer. `because`: a clause, such as `its checksum does not match its content`. */
  | { readonly kind: "damaged"; readonly agent: string; readonly rival: ShiftRival | null; readonly because: string }
  | { readonly kind: "strange"; readonly because: string };

/**
 * What to keep of a text that a shift replaces. Throws a `Fault`: "rejected" for a file of somebody else or of another agent, "conflict"
 * when what stands there is newer.
 */
export function checkOwner(
  found: OwnedText<unknown>,
  file: OwnedFile,
  { action, fence }: { readonly action: ShiftAction; readonly fence: Fence },
): KeptText | null {
  if (found.kind === "strange" || (found.kind !== "none" && found.agent !== action.agent))
    throw new Fault("rejected", `${strangerIn(found, file, action.agent)}; it is not replaced`);
  checkShift(action, fence, found.kind === "none" ? null : found.rival);
  return found.kind === "damaged" ? { suffix: ".damaged", text: file.read() ?? "" } : null;
}

/** Why a text is not this agent's as rollout wrote it, as a sentence about the file; null when it is, and where there is none. */
export function strangerIn(found: OwnedText<unknown>, { path }: OwnedFile, agent: string): string | null {
  if (found.kind === "none") return null;
  if (found.kind === "strange") return `${path} is not this agent's: ${found.because}`;
  if (found.agent !== agent) return `${path} is not this agent's: it holds the agent ${found.agent}`;
  return found.kind === "damaged" ? `${path} is not as rollout wrote it: ${found.because}` : null;
}
