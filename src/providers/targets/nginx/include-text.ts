// What nginx includes at the level of http: the draw, its outcome as variables, and the place where it is read back.

import type { Route } from "../../../core/model/route.js";
import type { AgentId } from "../../../core/model/units.js";
import { readSplitLine, type Split, splitLine } from "../../../core/routing/split-line.js";
import { variableName } from "../../../core/routing/variable-name.js";

export interface Include {
  readonly agent: AgentId;
  readonly split: Split;
  /** The request header by whose value is drawn. */
  readonly header: string;
  /** Address and port on which nginx tells what is in force. */
  readonly status: string;
}

const mark = "# rollout";

/** `$rollout_revision_AGENT` is the revision, or `fallback`; `$rollout_arm_AGENT` is stable, canary or fallback. */
export function includeText({ agent, split, header, status }: Include): string {
  const session = `$http_${header.toLowerCase().replaceAll("-", "_")}`;
  const { route } = split;
  return `${mark} ${agent} ${splitLine(split)}
# Written by rollout for nginx; holds one agent. Changes by hand are replaced.
split_clients "${encodeURIComponent(route.salt)}/${session}" ${drawn(agent, split)}
map ${session} ${arms(agent, split)}
server {
    listen ${status};
    access_log off;
    location = ${statusPath(agent)} {
        default_type text/plain;
        add_header cache-control no-store;
        return 200 "${splitLine(split)}\\n";
    }
}
`;
}

function drawn(agent: AgentId, { route }: Split): string {
  return `$rollout_drawn_${variableName(agent)} {\n${draw(route)}}`;
}

function arms(agent: AgentId, { route }: Split): string {
  const name = variableName(agent);
  return `$rollout_arm_${name} {
    ""      ${route.fallback ? "fallback" : "stable"};
    default ${route.fallback ? "fallback" : `$rollout_drawn_${name}`};
}
map $rollout_arm_${name} $rollout_revision_${name} {
    default  "";
    stable   ${route.stable};
    canary   ${route.canary ?? '""'};
    fallback fallback;
}`;
}

/** Whether a text of ours draws what its first line says. */
export function drawsAsTold(text: string, agent: AgentId, split: Split): boolean {
  return text.includes(` ${drawn(agent, split)}\n`) && text.includes(` ${arms(agent, split)}\n`);
}

/** Who it belongs to, out of its first line; null for what `includeText` did not write. */
export function readInclude(text: string): { readonly agent: string; readonly split: Split | null } | null {
  const [first = ""] = text.split("\n", 1);
  const [agent, line, ...more] = first.startsWith(`${mark} `) ? first.slice(mark.length + 1).split(" ") : [];
  if (agent === undefined || line === undefined || more.length > 0) return null;
  return { agent, split: readSplitLine(line) };
}

export function statusPath(agent: AgentId): string {
  return `/rollout/${agent}`;
}

/** The canary comes first, so that a higher weight takes sessions from stable alone; nginx refuses a line of 0 %. */
function draw({ canary, weight }: Route | Split["route"]): string {
  if (canary === null || weight === 0) return "    *       stable;\n";
  if (weight === 10_000) return "    *       canary;\n";
  return `    ${(weight / 100).toFixed(2)}% canary;\n    *       stable;\n`;
}
