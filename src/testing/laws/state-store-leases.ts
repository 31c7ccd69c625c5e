// What holds for the leases of every state store: they save work, and tell who slept; the compare keeps truth.

import assert from "node:assert/strict";
import type { AgentId, Duration } from "../../core/model/units.js";
import { Fault } from "../../ports/fault.js";
import type { StateStore } from "../../ports/state-store.js";
import type { Law } from "../law.js";

interface LeaseBench {
  open(): Promise<StateStore>;
  /** The clock that every one of these stores reads. */
  readonly clock: { advance(by: Duration): void };
}

const support = "support" as AgentId;
const billing = "billing" as AgentId;
const minute = 60_000 as Duration;

export const leaseLaws: readonly Law<LeaseBench>[] = [
  {
    name: "a live lease is refused, naming the holder",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      await one.lease(support, { holder: "ci-4711", for: minute });
      bench.clock.advance((minute - 1) as Duration);
      await isConflict(two.lease(support, { holder: "laptop", for: minute }), "ci-4711");
      await two.lease(billing, { holder: "laptop", for: minute });
    },
  },
  {
    name: "an expired lease is free",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      await one.lease(support, { holder: "ci-4711", for: minute });
      bench.clock.advance(minute);
      await two.lease(support, { holder: "laptop", for: minute });
      await isConflict(one.lease(support, { holder: "ci-4711", for: minute }), "laptop");
    },
  },
  {
    name: "a lease of a clock that ran ahead is free, and its holder finds out",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      bench.clock.advance((60 * minute) as Duration);
      const ahead = await one.lease(support, { holder: "ci-4711", for: minute });
      bench.clock.advance((-60 * minute) as Duration);
      await two.lease(support, { holder: "laptop", for: minute });
      await isConflict(ahead.renew(), "laptop");
    },
  },
  {
    name: "a renewed lease lives on by its full duration",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      const lease = await one.lease(support, { holder: "ci-4711", for: minute });
      bench.clock.advance((minute - 1) as Duration);
      await lease.renew();
      bench.clock.advance((minute - 1) as Duration);
      await isConflict(two.lease(support, { holder: "laptop", for: minute }), "ci-4711");
    },
  },
  {
    name: "a lease that was late, but not taken over, can be renewed",
    async check(bench) {
      const store = await bench.open();
      const lease = await store.lease(support, { holder: "ci-4711", for: minute });
      bench.clock.advance((5 * minute) as Duration);
      await lease.renew();
      await isConflict(store.lease(support, { holder: "laptop", for: minute }), "ci-4711");
    },
  },
  {
    name: "renewing after a takeover is refused, naming the new holder, and takes nothing back",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      const late = await one.lease(support, { holder: "ci-4711", for: minute });
      bench.clock.advance(minute);
      const taken = await two.lease(support, { holder: "laptop", for: minute });
      await isConflict(late.renew(), "laptop");
      await late.release();
      await isConflict(one.lease(support, { holder: "ci-4711", for: minute }), "laptop");
      await taken.renew();
    },
  },
  {
    name: "a released lease is free at once, and cannot be renewed",
    async check(bench) {
      const store = await bench.open();
      const lease = await store.lease(support, { holder: "ci-4711", for: minute });
      await lease.release();
      await lease.release();
      await isConflict(lease.renew());
      await store.lease(support, { holder: "laptop", for: minute });
    },
  },
];

/** Refused since somebody else was there; `naming` whom. */
export async function isConflict(attempt: Promise<unknown>, naming = ""): Promise<void> {
  await assert.rejects(
    attempt,
    (error) => error instanceof Fault && error.kind === "conflict" && error.message.includes(naming),
  );
}
