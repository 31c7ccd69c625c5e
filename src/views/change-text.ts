// What differs between two revisions, one line for each component.

import type { ComponentChange } from "../core/model/revision.js";

/** `planning: a@1 -> b@2`, `prompts/support/system.md: 3f2a91c -> 91bc0aa`, `tools/refund.json: added (3f2a91c)`. */
export function changeText({ component, from, to }: ComponentChange): string {
  const name = componentName(component);
  if (from === null) return `${name}: added (${valueText(component, to)})`;
  if (to === null) return `${name}: removed (was ${valueText(component, from)})`;
  return `${name}: ${valueText(component, from)} -> ${valueText(component, to)}`;
}

/** `planning` for `step:planning`; files by their path. */
export function componentName(component: string): string {
  return component.replace(/^(?:step|prompt|tool|release):/, "");
}

/** Content hashes are shortened as git does; models and release names are whole. */
export function valueText(component: string, value: string | null): string {
  if (value === null) return "none";
  return /^(?:prompt|tool|release):/.test(component) ? value.slice(0, 7) : value;
}
