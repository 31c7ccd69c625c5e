// Rules about the files that a revision is made of: they exist, git tracks them, and prompts can be served.

import type { AgentConfig } from "../../core/generated/rollout-config.js";
import type { DocumentPath } from "../document-path.js";
import { releasePaths } from "../normalize-agent.js";
import { largestPromptBytes } from "../prompt-file.js";
import { agentsOf, type Reading } from "../reading.js";
import { globsOf } from "../units/repository-path.js";
import type { Rule } from "./rule.js";

export const patternsMatchFiles: Rule = (reading) => {
  const { report, document } = reading;
  for (const { globs, path } of patterns(reading)) {
    const { files, symlinks, untracked } = reading.match(globs);
    for (const link of symlinks) {
      report.add({
        code: "config/symlink",
        detail: `${link} is a symbolic link, and could lead anywhere.`,
        document,
        path,
      });
    }
    const some = untracked.slice(0, 3).join(", ") + (untracked.length > 3 ? `, … (${untracked.length} files)` : "");
    if (files.length === 0 && symlinks.length === 0) {
      const detail =
        untracked.length === 0
          ? `No file matches ${globsOf(globs).join(", ")}.`
          : `The files that match (${some}) are not tracked by git, so that they are not a part of any revision.`;
      const hint = untracked.length === 0 ? null : `git add -- ${untracked.length > 3 ? "…" : untracked.join(" ")}`;
      report.add({ code: "config/no-files", detail, hint, document, path });
    } else if (untracked.length > 0) {
      const detail = `Git does not track ${some}: not a part of the revision until it does.`;
      report.add({ code: "config/untracked-files", detail, hint: `git add -- ${untracked.join(" ")}`, document, path });
    }
  }
};

export const promptsCanBeServed: Rule = (reading) => {
  const { report, document } = reading;
  for (const [name, agent] of agentsOf(reading)) {
    const path = ["agents", name, "prompts"];
    const owners = new Map<string, string>();
    for (const { file, name: prompt, bytes, text } of reading.prompts(agent.prompts)) {
      const other = owners.get(prompt);
      if (other !== undefined) {
        const detail = `${other} and ${file.path} are both the prompt "${prompt}".`;
        report.add({ code: "config/prompt-collision", detail, document, path });
      }
      owners.set(prompt, file.path);
      if (bytes > largestPromptBytes) {
        report.add({
          code: "config/prompt-too-large",
          detail: `${file.path} has ${bytes} bytes.`,
          document,
          path,
        });
      } else if (text === null) {
        report.add({ code: "config/prompt-not-text", detail: `${file.path} is not UTF-8.`, document, path });
      }
    }
  }
};

/** A release that is HEAD's commit, whole or abbreviated as git does. */
export const releaseIsNoCommit: Rule = (reading) => {
  const { commit } = reading.tree;
  for (const [name, { release }] of agentsOf(reading)) {
    if (commit === null || typeof release !== "string") continue;
    const text = release.trim().toLowerCase();
    if (text.length < 7 || !commit.startsWith(text)) continue;
    const detail = `"${release}" is the commit itself: every commit would start a canary, also our own.`;
    const hint = 'Name the deployed artefact, or write "release: { paths: [src/**] }".';
    reading.report.add({
      code: "config/release-is-a-commit",
      detail,
      hint,
      document: reading.document,
      path: ["agents", name, "release"],
    });
  }
};

interface Pattern {
  readonly globs: string | readonly string[] | undefined;
  readonly path: DocumentPath;
}

/** The patterns of the spec that can be read, each with its place. */
function patterns(reading: Reading): readonly Pattern[] {
  return agentsOf(reading).flatMap(([name, agent]) =>
    patternsOf(name, agent).filter(({ globs }) => globsOf(globs).length > 0),
  );
}

function patternsOf(name: string, agent: Partial<AgentConfig>): readonly Pattern[] {
  return [
    { globs: agent.prompts, path: ["agents", name, "prompts"] },
    { globs: agent.tools, path: ["agents", name, "tools"] },
    { globs: releasePaths(agent), path: ["agents", name, "release", "paths"] },
  ];
}
