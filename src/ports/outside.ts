// Everything of the world that a provider may touch beside its own kind of peer.

import type { Instant } from "../core/model/units.js";

export interface Outside {
  readonly now: () => Instant;
  readonly fetch: typeof fetch;
  /** Variables by their names: what a program that is run may be given of them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The value of a secret by its name; throws a `Fault` when there is none. */
  readonly secret: (name: string) => string;
}
