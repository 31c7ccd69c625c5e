// Asks a URL whether the canary revision serves: 2xx says yes, unless the answer names another revision.

import { shownValue } from "../../core/diagnostic/shown-value.js";
import { shortRevision } from "../../core/model/units.js";
import type { Outside } from "../../ports/outside.js";
import type { Readiness } from "../../ports/readiness.js";

const patienceMs = 5_000;
const largestAnswer = 64 * 1024;

/** The revision may be named by the header `x-rollout-revision` or by a JSON field `revision`; where neither is there, 2xx is enough. */
export function httpReadiness(outside: Pick<Outside, "fetch">): Readiness {
  return {
    async ask({ gate, revision }, signal) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
        const response = await outside.fetch(gate.http, { signal: limit, redirect: "follow" });
        if (!response.ok) return { serving: false, because: `${gate.http} answered ${response.status}` };
        const named = response.headers.get("x-rollout-revision") ?? revisionIn(await beginningOf(response));
        if (named !== null && !(named.length >= 9 && revision.startsWith(named))) {
          return { serving: false, because: `${gate.http} serves ${shownName(named)}, not ${shortRevision(revision)}` };
        }
        return {
          serving: true,
          because: `${gate.http} answered ${response.status}${named === null ? "" : ` for ${shortRevision(revision)}`}`,
        };
      } catch (error) {
        return {
          serving: false,
          because: `${gate.http} cannot be asked: ${error instanceof Error ? reasonOf(error) : "no reason given"}`,
        };
      }
    },
  };
}

/** As much of the answer as is looked at: whatever else there is, is not read. */
async function beginningOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part);
    size += part.length;
    if (size >= largestAnswer) break;
  }
  return Buffer.concat(parts).toString("utf8").slice(0, largestAnswer);
}

/** What another service calls itself goes into a journal: no more of it than a revision has. */
function shownName(named: string): string {
  return /^[\w.:-]{1,70}$/.test(named) ? named : shownValue(named);
}

/** fetch hides the reason one level down. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function revisionIn(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const named = typeof value === "object" && value !== null && "revision" in value ? value.revision : null;
    return typeof named === "string" ? named : null;
  } catch {
    return null;
  }
}
