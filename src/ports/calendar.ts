// Windows and freezes need time zones, which the core does not know.

import type { WindowGate } from "../core/model/gate.js";
import type { Instant } from "../core/model/units.js";

export interface Calendar {
  /** Whether a rise is allowed now, why, and when that next changes (null: not within a year). */
  look(
    gate: WindowGate,
    now: Instant,
  ): Promise<{ readonly open: boolean; readonly because: string; readonly changesAt: Instant | null }>;
}
