/** How many nats one session speaks, on average, for rate p against rate q: the Kullback-Leibler divergence of two coins. */
export function coinDivergence(p: number, q: number): number {
  const bad = p > 0 ? p * Math.log(p / q) : 0;
  const good = p < 1 ? (1 - p) * (Math.log1p(-p) - Math.log1p(-q)) : 0;
  return Math.max(bad + good, 0);
}
