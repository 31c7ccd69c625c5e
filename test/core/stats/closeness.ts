import { expect } from "vitest";

/** Fails unless the values agree relatively, or absolutely where they are near 0. */
export function expectClose(
  actual: number,
  wanted: number,
  limit: { readonly relative: number; readonly absolute: number },
): void {
  const allowed = Math.max(limit.relative * Math.abs(wanted), limit.absolute);
  const apart = Math.abs(actual - wanted);
  if (!(apart <= allowed)) expect.fail(`${actual} is ${apart} away from ${wanted}, more than ${allowed}`);
}
