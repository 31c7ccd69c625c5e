import { describe, expect, it } from "vitest";
import { bindings } from "../../src/cli/commands.js";
import type { Instant } from "../../src/core/model/units.js";
import { type CheckRequest, checkRunbooks } from "../../src/runbook/check-runbooks.js";
import { isThere, loadRunbooks } from "../../src/runbook/load-runbooks.js";
import { readRunbook } from "../../src/runbook/runbook.js";

const root = new URL("../..", import.meta.url).pathname;
const now = Date.UTC(2026, 10, 24) as Instant;
const there = ["registry/models.yaml", "runbooks/canary-rollback.md"];
const head = "---\ntitle: T\non: [rollback]\nowner: me\nreviewed: 2026-11-01\n---\n";

/** `code line:column`, and the hint where there is one. */
async function problems(text: string, changes: Partial<CheckRequest> = {}): Promise<readonly string[]> {
  const found = await checkRunbooks({
    files: [{ name: "runbooks/t.md", text }],
    commands: [
      { words: ["status"], options: [{ flags: "--watch" }] },
      { words: ["metrics", "show"], options: [{ flags: "-w, --window <duration>" }] },
      { words: ["fallback"], options: [], notYet: true },
    ],
    options: ["--format"],
    agents: ["support"],
    exists: async (path) => there.includes(path),
    now,
    ...changes,
  });
  return found.map(({ code, span, hint }) => `${code} ${span?.line}:${span?.column}${hint === null ? "" : ` ${hint}`}`);
}

describe("runbook check", () => {
  it.each([
    [
      "all is well",
      `${head}\`\`\`sh\nrollout status AGENT --watch # look\nrollout metrics show A --window=1h --format json | head\n\`\`\`\nSee \`registry/models.yaml\`, [other](canary-rollback.md#x) and \`task_success_rate\`.\n`,
      [],
    ],
    ["no front matter", "# T\n", ["runbook/no-front-matter 1:1"]],
    ["front matter that is no YAML", "---\ntitle: [\n---\n", ["runbook/bad-front-matter 3:1"]],
    [
      "several mistakes at once",
      "---\ntitel: T\non: [rolback, task_sucess_rate]\nowner: 3\nreviewed: 2026-02-30\nreview_every: 90\n---\n",
      [
        "runbook/bad-front-matter 1:1",
        'runbook/bad-front-matter 2:8 Did you mean "title"?',
        'runbook/bad-front-matter 3:5 Did you mean "rollback"?',
        'runbook/unknown-metric 3:5 Did you mean "task_success_rate"?',
        "runbook/bad-front-matter 4:8",
        "runbook/bad-front-matter 5:11",
        'runbook/bad-front-matter 6:15 Write "90s", "90m", "90h" or "90d".',
      ],
    ],
    [
      "a dead command in a block",
      `${head}\`\`\`bash\n  $ npx rollout statsu\n\`\`\`\n`,
      ['runbook/unknown-command 8:9 Did you mean "status"?'],
    ],
    [
      "a dead command in a sentence",
      `${head}Say \`rollout metrics shwo A\`.\n`,
      ['runbook/unknown-command 7:6 Did you mean "metrics show"?'],
    ],
    ["a command behind another", `${head}\`\`\`sh\ntrue && rollout gone\n\`\`\`\n`, ["runbook/unknown-command 8:9"]],
    ["a command that is not built", `${head}\`rollout fallback on\`\n`, ["runbook/unknown-command 7:2"]],
    ["a wrong option", `${head}\`rollout status --wach\`\n`, ['runbook/unknown-command 7:2 Did you mean "--watch"?']],
    ["an option of somebody else's command", `${head}\`rollout status A -- npm --wach\`\n`, []],
    ["other languages, which nobody types", `${head}\`\`\`yaml\nrollout: gone/away.yaml\n\`\`\`\n`, []],
    ["a dead link", `${head}[x](gone.md) [y](https://example.org/gone.md)\n`, ["runbook/no-such-path 7:5"]],
    [
      "a dead path, but no placeholder",
      `${head}\`evals/gone.json\` \`evals/AGENT/x.json\` \`live/{agent}.json\` \`org/model\`\n`,
      ["runbook/no-such-path 7:2"],
    ],
    [
      "a metric that does not exist",
      `${head}\`p95_latency_ms\` and \`error_rate\`\n`,
      ['runbook/unknown-metric 7:2 Did you mean "p95_latency_sec"?', "runbook/unknown-metric 7:23"],
    ],
    [
      "an agent that does not exist",
      head.replace("owner", "agents: [suport]\nowner"),
      ['runbook/unknown-agent 4:10 Did you mean "support"?'],
    ],
    ["a review that is overdue", head.replace("2026-11-01", "2026-05-27"), ["runbook/review-overdue 5:11"]],
    ["a review that is due today", head.replace("2026-11-01", "2026-05-28"), []],
    ["a review that was due sooner", head.replace("owner", "review_every: 7d\nowner"), ["runbook/review-overdue 6:11"]],
    ["CRLF", `${head}\`rollout gone\`\n`.replaceAll("\n", "\r\n"), ["runbook/unknown-command 7:2"]],
  ])("%s", async (_, text, expected) => {
    expect(await problems(text)).toEqual(expected);
  });

  it("reads the front matter and leaves the rest alone", () => {
    const read = readRunbook({ name: "runbooks/t.md", text: `${head}\n# T\n---\nx\n` });
    expect(read).toMatchObject({
      ok: true,
      value: {
        title: "T",
        on: ["rollback"],
        agents: null,
        owner: "me",
        reviewed: "2026-11-01",
        body: "\n# T\n---\nx\n",
      },
    });
  });

  it("finds nothing in the runbooks of this repository", async () => {
    const files = await loadRunbooks(root);
    expect(files.map(({ name }) => name)).toEqual([
      "runbooks/canary-rollback.md",
      "runbooks/model-deprecation.md",
      "runbooks/task-success-drop.md",
    ]);
    const reviewed = {
      commands: bindings,
      options: ["--format"],
      agents: null,
      exists: (path: string) => isThere(root, path),
      now,
    };
    expect(await checkRunbooks({ files, ...reviewed })).toEqual([]);
    expect(await isThere(root, "../main/package.json")).toBe(false);
  });
});
