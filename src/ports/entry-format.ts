// An entry as text, format 1: canonical JSON of the event beside the number of the format. The same in every store.

import { exactJson } from "../core/model/exact-json.js";
import type { Entry, Event } from "../core/model/journal.js";
import { eventShape, isKnownEvent } from "../core/shape/event-shape.js";
import type { StoredEntry } from "./entry-chain.js";
import { Fault } from "./fault.js";

const entryFormat = 1;

/** Throws a `Bug` where JSON would change a value in silence. */
export function entryText(event: Event): string {
  return exactJson({ ...event, format: entryFormat });
}

/** Entries that were written before they had a number are format 1. Throws a `Fault`: "unsupported" for what a newer version wrote, "rejected" for what is no entry. */
export function readEntry(agent: string, { serial, event }: Pick<StoredEntry, "serial" | "event">): Entry {
  const of = `Entry ${serial} of the journal of ${agent}`;
  const found = parsed(event);
  if (found === null) throw new Fault("rejected", `${of} is no entry: it is not a JSON object. ${restore}`);
  const { format = entryFormat, ...body } = found;
  if (typeof format === "number" && format > entryFormat) {
    const said = `${of} has the format ${format}, and this version of rollout reads up to format ${entryFormat}`;
    throw new Fault("unsupported", `${said}: a newer version wrote it. Upgrade rollout; nothing was changed.`);
  }
  if (format !== entryFormat) throw new Fault("rejected", `${of} has no number of a format that ever was. ${restore}`);
  if (typeof body.kind === "string" && !isKnownEvent(body.kind)) {
    const said = `${of} is of the kind ${JSON.stringify(body.kind.slice(0, 40))}, which this version of rollout does not know`;
    throw new Fault("unsupported", `${said}: a newer version wrote it. Upgrade rollout; nothing was changed.`);
  }
  const wrong = eventShape(body, "");
  if (wrong !== null) throw new Fault("rejected", `${of} is no entry: ${wrong}. ${restore}`);
  return { serial, event: body as unknown as Event };
}

const restore = "Restore the state from a copy; traffic stays as it is.";

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
