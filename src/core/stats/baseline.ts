/**
 * What is known about stable before a block is read. It chooses the bets and nothing else: a wrong baseline costs sessions,
 * never validity. Old sessions fade, half of their weight every 5 000 stable sessions.
 */
import { clampRate } from "./logistic.js";

/** Half of a session's weight is gone after this many newer ones. */
const halfLife = 5000;

/** Nothing is bet before the baseline holds this many stable sessions. */
export const leastBaseline = 50;

/** History may speak for at most this many sessions when a baseline is opened. */
const mostPseudoSessions = 500;

/** Discounted number of stable sessions with the sums of their badness and of its square. */
export interface Baseline {
  readonly sessions: number;
  readonly sum: number;
  readonly squares: number;
}

/** What history says about stable: mean and population variance of the badness over so many sessions. */
export interface History {
  readonly sessions: number;
  readonly mean: number;
  readonly variance: number;
}

/** A baseline from history, of which at most 500 sessions count; empty without history. */
export function openBaseline(history: History | null): Baseline {
  if (history === null) return { sessions: 0, sum: 0, squares: 0 };
  const sessions = Math.min(history.sessions, mostPseudoSessions);
  return { sessions, sum: sessions * history.mean, squares: sessions * (history.variance + history.mean ** 2) };
}

/** The baseline after a block's stable sessions, given as their number and sums. */
export function absorbBaseline(baseline: Baseline, block: Baseline): Baseline {
  const kept = 2 ** (-block.sessions / halfLife);
  return {
    sessions: kept * baseline.sessions + block.sessions,
    sum: kept * baseline.sum + block.sum,
    squares: kept * baseline.squares + block.squares,
  };
}

/** The stable rate, drawn a little towards one half and kept inside [1e-4, 1 - 1e-4]. */
export function baselineRate(baseline: Baseline): number {
  return clampRate((baseline.sum + 0.5) / (baseline.sessions + 1));
}

/** Mean and population variance of the stable values. */
export function baselineMoments(baseline: Baseline): { readonly mean: number; readonly variance: number } {
  if (baseline.sessions === 0) return { mean: 0, variance: 0 };
  const mean = baseline.sum / baseline.sessions;
  return { mean, variance: Math.max(baseline.squares / baseline.sessions - mean * mean, 0) };
}
