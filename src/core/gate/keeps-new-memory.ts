// Which of two memories of one rollout a store keeps: they are caches, and never go back.

import type { HealthMemory } from "./health-memory.js";

/** Newer is further on in blocks, then in stages. One that was opened with another gate configuration is void, whatever it had seen. */
export function keepsNewMemory(kept: HealthMemory | null, next: HealthMemory): boolean {
  if (kept === null || kept.configuration !== next.configuration) return true;
  const seen = (kept.watermark ?? -Infinity) - (next.watermark ?? -Infinity);
  return seen < 0 || (kept.watermark === next.watermark && next.stage >= kept.stage);
}
