/** What holds for every command: its help, and that it can be run. */
import { expect, test } from "vitest";
import type { World } from "../../src/app/world.js";
import { bindings } from "../../src/cli/commands.js";
import { runCli } from "../../src/cli/run-cli.js";
import { memoryTerminal } from "../support/memory-terminal.js";
import { now } from "../views/samples.js";

const built = bindings
  .filter(({ notYet }) => notYet !== true)
  .map((binding) => [binding.words.join(" "), binding] as const);
const planned = bindings.filter(({ notYet }) => notYet === true).map(({ words }) => words.join(" "));

async function run(
  typed: readonly string[],
): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> {
  const terminal = memoryTerminal();
  const makeWorld = (): World => ({ now: () => now }) as unknown as World;
  const exit = await runCli(typed, { makeWorld, process: terminal, version: "1.2.3" });
  return { exit, out: terminal.out(), err: terminal.err() };
}

test.each(built)(
  "rollout %s --help has a sentence, options with their defaults, and an example",
  async (words, binding) => {
    const { exit, out } = await run([...words.split(" "), "--help"]);
    expect(exit).toBe(0);
    expect(out.replace(/\s+/g, " ")).toContain(
      `${binding.summary.charAt(0).toUpperCase()}${binding.summary.slice(1)}.`,
    );
    expect(out).toContain(`Example:\n  ${binding.example}\n`);
    expect(binding.example.startsWith(`rollout ${words}`)).toBe(true);
    for (const option of binding.options) expect(out).toContain(option.flags.split(" ")[0]);
  },
);

test("no two commands have the same words", () => {
  const words = bindings.map((binding) => binding.words.join(" "));
  expect(new Set(words).size).toBe(words.length);
});

test.each(planned)("rollout %s says that it is not built yet", async (words) => {
  const { exit, out, err } = await run([...words.split(" "), "something"]);
  expect([exit, out]).toEqual([1, ""]);
  expect(err).toContain(
    `error config/not-yet: Not built yet\n  The command "rollout ${words}" is planned and not built yet.`,
  );
});

test("the help lists what is built, and nothing else", async () => {
  const { out } = await run(["--help"]);
  for (const [words] of built) expect(out).toMatch(new RegExp(`^  ${words.split(" ")[0]} `, "m"));
  expect(out).not.toMatch(/^ {2}models/m);
});
