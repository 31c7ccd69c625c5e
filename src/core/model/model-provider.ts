// Which provider of a gateway takes a model.

import type { LitellmProvider } from "./spec.js";

/** The first that takes the model; null for none. */
export function providerOf(model: string, providers: readonly LitellmProvider[]): LitellmProvider | null {
  return providers.find(({ models }) => takesModel(models, model)) ?? null;
}

/** `*` stands for any characters, and everything else for itself. Linear, whatever is written. */
function takesModel(pattern: string, model: string): boolean {
  const [start = "", ...rest] = pattern.split("*");
  const end = rest.pop();
  if (end === undefined) return model === pattern;
  const last = model.length - end.length;
  if (!model.startsWith(start) || !model.endsWith(end) || last < start.length) return false;
  let at = start.length;
  for (const part of rest) {
    const found = model.indexOf(part, at);
    if (found < 0 || found + part.length > last) return false;
    at = found + part.length;
  }
  return true;
}
