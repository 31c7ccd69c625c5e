// State that does not exist yet, opened for reading alone: nothing is known, and nothing can be written.

import { Fault } from "./fault.js";
import type { StateStore } from "./state-store.js";

/** An empty store of lineage `""`. Caches are forgotten; whatever must last throws a `Fault` ("unsupported"). */
export function absentStore(place: string): StateStore {
  const refuse = async (): Promise<never> => {
    throw new Fault("unsupported", `${place} does not exist, and was opened for reading alone.`);
  };
  return {
    lineage: "",
    agents: async () => [],
    load: async () => ({ lineage: "", epoch: 0, serial: 0, snapshot: null, entries: [] }),
    history: async () => [],
    trailed: async () => [],
    trail: async () => ({ entries: [], head: null, snapshot: null }),
    append: refuse,
    saveSnapshot: async () => {},
    lease: refuse,
    raiseEpoch: refuse,
    putRevision: refuse,
    getRevision: async () => null,
    findRevisions: async () => [],
    loadMemory: async () => null,
    saveMemory: async () => {},
    loadFloors: async () => null,
    saveFloors: async () => {},
    leaseOf: async () => null,
    unlock: refuse,
    dump: async () => ({
      ...{ lineage: "", epoch: 0, moved: null },
      ...{ journals: [], revisions: [], memories: [], floors: [] },
    }),
    replace: refuse,
    close: async () => {},
  };
}
