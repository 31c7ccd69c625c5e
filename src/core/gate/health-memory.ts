// What a health gate remembers of all the blocks that it has seen: small, plain data, one update for each block.

import type { MetricName } from "../model/metric.js";
import type { RoutingUnit } from "../model/route.js";
import type { Instant, Json, RolloutId } from "../model/units.js";

/**
 * The accumulators of one rollout. They run on through its stages (a stage's own part is re-opened when a weight takes force), each block
 * is counted once (`watermark`), and they are a cache: the same blocks give the same memory.
 */
export interface HealthMemory {
  readonly rollout: RolloutId;
  /** What is counted as one, for as long as the memory lives; absent: the session. */
  readonly unit?: RoutingUnit;
  /** Digest-like text of the gate configuration that the accumulators were opened with; another one voids them. */
  readonly configuration: string;
  /** Index in the rollout's stages of the gate that this memory currently serves. */
  readonly stage: number;
  /** End of the last block absorbed; null before the first. */
  readonly watermark: Instant | null;
  /** Planned canary sessions of this stage, frozen when it was entered. */
  readonly horizon: number;
  readonly metrics: Readonly<Partial<Record<MetricName, Json>>>;
  /** Whatever is kept across metrics: combination slots, sample ratio, telemetry check. */
  readonly shared: Json;
}
