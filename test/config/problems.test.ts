/** Broken files and the exact problems they give. A new case is a YAML file; `npx vitest run test/config -u` writes what it says. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readSpec } from "../../src/config/read-spec.js";
import { memoryWorktree } from "../support/memory-worktree.js";
import { problemText } from "../support/problem-text.js";

const folder = "test/fixtures/config/broken";
const cases = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

/** The world around every case. */
const tree = memoryWorktree({
  commit: "0123456789abcdef0123456789abcdef01234567",
  files: {
    "registry/models.yaml": [
      "planning: claude-opus-4-5@20251101",
      "parsing: claude-haiku-4-5@20251001",
      "synthesis: claude-sonnet-4-5@20250929",
      "tuned: { model: claude-opus-4-5, version: '20251101', params: { temperature: 0.2 } }",
    ].join("\n"),
    "registry/broken.yaml":
      "planning: claude-opus-4-5\nbad key/with/slashes: a@1\nsynthesis: claude-sonnet-4-5@20250929\n",
    "prompts/clash/system.md": "a",
    "prompts/clash/system.txt": "b",
    "prompts/huge.md": "x".repeat(1_048_577),
    "prompts/binary.md": new Uint8Array([0xff, 0xfe, 0x00]),
    "prompts/mixed/old.md": "old",
    "prompts/mixed/new.md": "new",
    "drafts/system.md": "draft",
    "linked/runbook.md": "# runbook",
  },
  untracked: ["drafts/system.md", "prompts/mixed/new.md"],
  links: ["linked"],
});

test.each(cases)("%s", async (name) => {
  const file = `${folder}/${name}.yaml`;
  const reading = readSpec({ file: "rollout.config.yaml", text: readFileSync(file, "utf8"), tree });
  expect(reading.ok).toBe(false);
  const problems = reading.ok ? [] : reading.problems;
  await expect(problemText(problems)).toMatchFileSnapshot(`../fixtures/config/broken/${name}.txt`);
});

test("every case has its text, and every text its case", () => {
  const texts = readdirSync(folder).filter((file) => file.endsWith(".txt"));
  expect(texts.map((file) => file.replace(/\.txt$/, ""))).toEqual(cases);
});
