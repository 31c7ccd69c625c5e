/** ln of the sum of exp(term); -Infinity for no terms. */
export function logSumExp(terms: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const term of terms) largest = Math.max(largest, term);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - largest);
  return largest + Math.log(sum);
}

/** ln of the sum of weight * exp(term): the log of a mixture. Lengths must agree; a weight of 0 leaves its term out. */
export function logMixture(weights: readonly number[], terms: readonly number[]): number {
  const shifted: number[] = [];
  for (const [index, weight] of weights.entries()) {
    const term = terms[index];
    if (term === undefined)
      throw new RangeError(`A mixture of ${weights.length} weights was given ${terms.length} terms.`);
    if (weight > 0) shifted.push(Math.log(weight) + term);
  }
  return logSumExp(shifted);
}
