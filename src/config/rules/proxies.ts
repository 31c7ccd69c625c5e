// Rules about agents in one nginx: each has its own address to be read back at, and variables of its own.

import type { NginxTargetConfig } from "../../core/generated/rollout-config.js";
import type { AgentId } from "../../core/model/units.js";
import { variableName } from "../../core/routing/variable-name.js";
import type { DocumentPath } from "../document-path.js";
import { agentsOf, type Reading } from "../reading.js";
import type { Rule } from "./rule.js";

export const statusAddressesStandApart: Rule = (reading) => {
  const { report, document } = reading;
  const owners = new Map<string, string>();
  for (const [name, { status }] of inNginx(reading)) {
    const path: DocumentPath = ["agents", name, "target", "status"];
    if (!report.isClean(document, path)) continue;
    const port = Number(status.split(":")[1]);
    if (port > 65_535) {
      const detail = `${status} is no address: ports end at 65535.`;
      report.add({ code: "config/bad-value", detail, hint: "Write a port that is free.", document, path });
      continue;
    }
    const owner = owners.get(status);
    owners.set(status, owner ?? name);
    if (owner === undefined) continue;
    const detail = `"${owner}" and "${name}" would both be read back at ${status}, where nginx answers for the first alone.`;
    report.add({ code: "config/shared-target", detail, hint: "Give each of them a port of its own.", document, path });
  }
};

/** nginx does not tell the cases of a variable's name apart, and takes the last of two that are called the same. */
export const variablesStandApart: Rule = (reading) => {
  const { report, document } = reading;
  const owners = new Map<string, string>();
  for (const [name] of inNginx(reading)) {
    const variable = variableName(name as AgentId);
    const owner = owners.get(variable.toLowerCase());
    owners.set(variable.toLowerCase(), owner ?? name);
    if (owner === undefined) continue;
    const detail = `"${owner}" and "${name}" would both set nginx's variables $rollout_revision_${variable} and $rollout_arm_${variable}, and one would meet the other's revisions.`;
    const hint = 'Rename one of them: what is no letter or digit becomes "_" there, and cases are not told apart.';
    report.add({
      code: "config/shared-target",
      detail,
      hint,
      document,
      path: ["agents", name, "target", "kind"],
    });
  }
};

function inNginx(reading: Reading): readonly (readonly [string, NginxTargetConfig])[] {
  return agentsOf(reading).flatMap(([name, { target }]) =>
    typeof target === "object" && target.kind === "nginx" ? [[name, target] as const] : [],
  );
}
