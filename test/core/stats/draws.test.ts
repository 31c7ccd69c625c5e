// Draws with the moments that they are meant to have, and the same ones for the same seed.
import { describe, expect, it } from "vitest";
import {
  drawBinomial,
  drawGamma,
  drawNormal,
  drawPoisson,
  type Random,
  seededRandom,
  seedOf,
} from "../../../src/core/stats/draws.js";

const runs = 20_000;

function momentsOf(draw: (random: Random) => number): { readonly mean: number; readonly variance: number } {
  const random = seededRandom(12);
  const values = Array.from({ length: runs }, () => draw(random));
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / runs };
}

it.each([
  ["binomial, few", (random: Random) => drawBinomial(random, 7, 0.3), 2.1, 1.47],
  ["binomial, mostly", (random: Random) => drawBinomial(random, 40, 0.9), 36, 3.6],
  ["binomial, in two parts", (random: Random) => drawBinomial(random, 900, 0.02), 18, 17.64],
  ["Poisson", (random: Random) => drawPoisson(random, 0.4), 0.4, 0.4],
  ["Poisson, in two parts", (random: Random) => drawPoisson(random, 83), 83, 83],
  ["normal", drawNormal, 0, 1],
  ["gamma", (random: Random) => drawGamma(random, 3.5), 3.5, 3.5],
  ["gamma below 1", (random: Random) => drawGamma(random, 0.15), 0.15, 0.15],
] as const)("%s has its mean and its variance", (_, draw, mean, variance) => {
  const seen = momentsOf(draw);
  expect(Math.abs(seen.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / runs));
  expect(Math.abs(seen.variance / variance - 1)).toBeLessThan(0.12);
});

describe("the ends", () => {
  it.each([
    [0, 0.5, 0],
    [10, 0, 0],
    [10, 1, 10],
  ])("%i trials with chance %d", (trials, chance, successes) => {
    expect(drawBinomial(seededRandom(1), trials, chance)).toBe(successes);
  });

  it("no arrivals without traffic", () => {
    expect(drawPoisson(seededRandom(1), 0)).toBe(0);
  });
});

it("the same seed draws the same, and parts of a seed draw differently", () => {
  const first = (seed: number): readonly number[] => {
    const random = seededRandom(seed);
    return [random(), random(), random()];
  };
  expect(first(7)).toEqual(first(7));
  expect(first(seedOf(7, 1))).not.toEqual(first(seedOf(7, 2)));
  expect(seedOf(7, 1, 2)).not.toBe(seedOf(7, 2, 1));
});
