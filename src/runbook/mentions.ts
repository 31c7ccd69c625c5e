// What a runbook asks its reader to type, open or look at: commands, paths and metrics, with their places in the file.

import type { Runbook } from "./runbook.js";

export interface Mention {
  readonly kind: "command" | "path" | "metric";
  /** `rollout status AGENT`, `registry/models.yaml`, `task_success_rate`. */
  readonly text: string;
  /** Into the file. */
  readonly offset: number;
}

const shells = /^(?:sh|bash|shell|console)$/;
const aPath = /^(?:\.{1,2}\/)*[\w@.-]+(?:\/[\w@.-]+)*\.[a-z]{1,5}$/;
const aMetric = /^(?:mean|p\d{2})_[a-z_]+$|^[a-z]+(?:_[a-z]+)*_rate$/;

/** Commands stand in shell blocks and in inline code that begins with `rollout`; paths and metrics in either, paths in links too. */
export function mentionsOf({ body, bodyOffset, path }: Runbook): readonly Mention[] {
  const found: Mention[] = [];
  let fence: { readonly mark: string; readonly shell: boolean } | null = null;
  let at = bodyOffset;
  for (const line of body.split("\n")) {
    const start = at;
    at += line.length + 1;
    const edge = /^\s*(`{3,}|~{3,})\s*(\S*)/.exec(line);
    if (edge !== null && (fence === null || edge[1]?.startsWith(fence.mark))) {
      fence = fence === null ? { mark: edge[1] ?? "```", shell: shells.test(edge[2] ?? "") } : null;
    } else if (fence?.shell) {
      found.push(...inShell(line, start));
    } else if (fence === null) {
      found.push(...inProse(line, start, path));
    }
  }
  return found;
}

function inShell(line: string, start: number): readonly Mention[] {
  const code = line.replace(/(?:^|\s)#.*$/, "");
  const commands = [...code.matchAll(/(?:^|&&|\|\||[;|])\s*(?:\$\s+)?(?:npx\s+)?(rollout\s[^;|&]*)/g)];
  return [
    ...commands.map(
      (match): Mention => ({
        kind: "command",
        text: (match[1] ?? "").trim(),
        offset: start + match.index + match[0].indexOf("rollout"),
      }),
    ),
    ...words(code, start),
  ];
}

function inProse(line: string, start: number, path: string): readonly Mention[] {
  const code = [...line.matchAll(/`([^`]+)`/g)].flatMap((match): readonly Mention[] => {
    const text = match[1] ?? "";
    const offset = start + match.index + 1;
    if (/^(?:npx )?rollout\s/.test(text))
      return [{ kind: "command", text: text.replace(/^npx /, ""), offset }, ...words(text, offset)];
    return words(text, offset);
  });
  const links = [...line.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].flatMap((match): readonly Mention[] => {
    const target = match[1] ?? "";
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
    return [{ kind: "path", text: resolved(path, target), offset: start + match.index + 2 }];
  });
  return [...code, ...links];
}

/** Paths have an ending or a slash, so that words, models and branches are none; capitals and braces are placeholders. */
function words(text: string, start: number): readonly Mention[] {
  return [...text.matchAll(/[^\s"'=,()]+/g)].flatMap((match): readonly Mention[] => {
    const word = match[0];
    const offset = start + match.index;
    if (aMetric.test(word)) return [{ kind: "metric", text: word, offset }];
    const placeholder = /[{}<>*]|(?:^|\/)[A-Z]{3,}(?:\/|$|\.json)/.test(word);
    const isFile = aPath.test(word) && (word.includes("/") || word.endsWith(".yaml") || word.endsWith(".md"));
    return isFile && !placeholder ? [{ kind: "path", text: word, offset }] : [];
  });
}

/** A link is relative to the runbook that it stands in. */
function resolved(from: string, target: string): string {
  const parts = target.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
