/** The alternatives that are bet on, and how the wealth is split among them (STATISTICS section 2). */

/** Shifts in log-odds of the twelve FAIL bets: 0.1 to 4.5, each sqrt(2) times the one before. */
export const failShifts: readonly number[] = Array.from({ length: 12 }, (_, j) => 0.1 * 2 ** (j / 2));

/** Shares of the FAIL bets, summing to 1: nine tenths around the usual sizes, a tenth for very large regressions. */
export const failWeights: readonly number[] = (() => {
  const usual = failShifts.map((h) => h * Math.exp((-h * h) / (2 * 0.36)));
  const sum = usual.reduce((total, weight) => total + weight, 0);
  return usual.map((weight, j) => (0.9 * weight) / sum + (j >= 6 ? 0.1 / 6 : 0));
})();

/** How far below the boundary the three PASS bets lie, in margins. */
export const passSteps: readonly number[] = [0.6, 1, 1.6];
export const passWeights: readonly number[] = [0.25, 0.5, 0.25];

/** How a process splits its wealth between the grid and the bet that is aimed at the stage's end. */
export const gridShare = 0.65;
export const horizonShare = 0.35;
