/** The rules by name. */
import { fixedRule } from "./fixed.js";
import { argoRule, flaggerRule } from "./fixed-range.js";
import { kayentaRule } from "./kayenta.js";
import type { RivalName, RivalRule } from "./rival.js";

export const rivalRules: Readonly<Record<RivalName, RivalRule>> = {
  flagger: flaggerRule,
  argo: argoRule,
  kayenta: kayentaRule,
  fixed: fixedRule,
};

export const rivalNames: readonly RivalName[] = ["flagger", "argo", "kayenta", "fixed"];
