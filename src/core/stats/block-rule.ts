/** Sessions of a block, and the canary's planned share of the traffic. */
export interface BlockSize {
  readonly canary: number;
  readonly stable: number;
  readonly share: number;
}

/**
 * Whether a block stands by itself or has to be merged with the next one. It looks at counts alone, never at outcomes: a
 * rule that did would make the test invalid (STATISTICS section 1).
 */
export function blockStandsAlone(block: BlockSize): boolean {
  if (block.canary === 0 || block.stable === 0) return false;
  return block.canary + block.stable >= 2 / Math.min(block.share, 1 - block.share);
}
