/** Patterns of paths. */
import { expect, test } from "vitest";
import { fixedRoot, globMatcher } from "../../src/config/glob.js";

test.each([
  ["prompts/support/**", "prompts/support/system.md", true],
  ["prompts/support/**", "prompts/support/deep/er/system.md", true],
  ["prompts/support/**", "prompts/supporter/system.md", false],
  ["prompts/support/**", "prompts/support", false],
  ["prompts/**/*.md", "prompts/system.md", true],
  ["prompts/**/*.md", "prompts/a/b/system.md", true],
  ["prompts/**/*.md", "prompts/a/b/system.txt", false],
  ["**/*.md", "system.md", true],
  ["**", "a/b", true],
  ["*.md", "a/system.md", false],
  ["prompts/*", "prompts/.DS_Store", false],
  ["prompts/**", "prompts/.cache/x", false],
  ["prompts/.cache/**", "prompts/.cache/x", true],
  ["prompts/?.md", "prompts/a.md", true],
  ["prompts/?.md", "prompts/ab.md", false],
  ["prompts/{a,b}.{md,txt}", "prompts/b.txt", true],
  ["prompts/{a,b}.{md,txt}", "prompts/c.txt", false],
  ["prompts/a+b (1).md", "prompts/a+b (1).md", true],
  ["prompts/a.md", "prompts/axmd", false],
  ["prompts/Café.md", "prompts/Café.md", true],
])("%s matches %s: %j", (glob, path, expected) => expect(globMatcher(glob)(path)).toBe(expected));

test.each([
  ["prompts/support/**", "prompts/support"],
  ["prompts/system.md", "prompts"],
  ["prompts/{a,b}/x.md", "prompts"],
  ["**/*.md", ""],
  ["system.md", ""],
])("the fixed part of %s is %j", (glob, root) => expect(fixedRoot(glob)).toBe(root));
