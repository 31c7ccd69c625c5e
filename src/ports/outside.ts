// Everything of the world that a provider may touch beside its own kind of peer.

import type { Instant } from "../core/model/units.js";

export interface Outside {
  readonly now: () => Instant;
  readonly fetch: typeof fetch;
  /** The value of a secret by its name; throws a `Fault` when there is none. */
  readonly secret: (name: string) => string;
}
