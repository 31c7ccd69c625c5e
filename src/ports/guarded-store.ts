// A state store whose every answer has the shape that its type says: what lies in a store may have been written by anybody.

import type { RevisionContent } from "../core/model/revision.js";
import { floorMemoryShape, memoryShape } from "../core/shape/memory-shape.js";
import { revisionShape } from "../core/shape/revision-shape.js";
import { stateShape } from "../core/shape/state-shape.js";
import { Fault } from "./fault.js";
import type { StateStore } from "./state-store.js";

/** Caches of another shape are as if they were not there; what must last is a `Fault` ("rejected"). */
export function guardedStore(store: StateStore): StateStore {
  const guards: Partial<StateStore> = {
    load: async (agent) => {
      const journal = await readable(() => store.load(agent));
      if (journal.snapshot === null || stateShape(journal.snapshot.state, "") === null) return journal;
      return { ...journal, snapshot: null, entries: await readable(() => store.history(agent)) };
    },
    history: (agent) => readable(() => store.history(agent)),
    getRevision: async (revision) => {
      const content = await readable(() => store.getRevision(revision));
      return content === null ? null : sound(content, revision);
    },
    findRevisions: (agent, prefix) => readable(() => store.findRevisions(agent, prefix)),
    dump: () => readable(() => store.dump()),
    replace: (before, after) => readable(() => store.replace(before, after)),
    loadMemory: async (agent, rollout) => {
      const memory = await cached(() => store.loadMemory(agent, rollout));
      return memory === null || memoryShape(memory, "") !== null ? null : memory;
    },
    loadFloors: async (agent) => {
      const memory = await cached(() => store.loadFloors(agent));
      return memory === null || floorMemoryShape(memory, "") !== null ? null : memory;
    },
  };
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Object.hasOwn(guards, key)
        ? guards[key as keyof StateStore]
        : Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function sound(content: RevisionContent, revision: string): RevisionContent {
  const wrong = revisionShape(content, "");
  if (wrong === null) return content;
  throw new Fault(
    "rejected",
    `The content of ${revision} that the state keeps was changed: ${wrong}. Restore the state from a copy; traffic stays as it is.`,
  );
}

async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Fault(
      "rejected",
      `The state holds something that is not JSON (${error.message}). Restore it from a copy.`,
    );
  }
}

async function cached<T>(read: () => Promise<T | null>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
