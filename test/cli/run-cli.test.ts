import { expect, test } from "vitest";
import type { World } from "../../src/app/world.js";
import type { Binding } from "../../src/cli/binding.js";
import { runCli, type WorldOptions } from "../../src/cli/run-cli.js";
import { Bug } from "../../src/core/diagnostic/invariant.js";
import type { Answer } from "../../src/views/view.js";
import { Exited, type MemoryTerminal, type MemoryTerminalOptions, memoryTerminal } from "../support/memory-terminal.js";
import { unknownKey } from "../views/every-view.js";
import { now, planView, rollback } from "../views/samples.js";

const done: Answer = { view: { kind: "message", lines: ["done"], data: { done: true } }, exit: 0 };
const problems: Answer = { view: { kind: "problems", problems: [unknownKey], otherwise: "" }, exit: 1 };

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly world: WorldOptions | null;
}

async function run(
  typed: string,
  binding: Partial<Binding> & Pick<Binding, "run">,
  options: MemoryTerminalOptions = {},
): Promise<Ran> {
  return runIn(memoryTerminal(options), typed, binding);
}

async function runIn(
  terminal: MemoryTerminal,
  typed: string,
  binding: Partial<Binding> & Pick<Binding, "run">,
): Promise<Ran> {
  let world: WorldOptions | null = null;
  const exit = await runCli(typed === "" ? [] : typed.split(" "), {
    makeWorld: (asked) => {
      world = asked;
      return { ...asked, now: () => now } as unknown as World;
    },
    process: terminal,
    version: "1.2.3",
    bindings: [
      {
        words: ["work"],
        summary: "work",
        arguments: [{ name: "[agents...]", text: "agents" }],
        options: [
          { flags: "--because <reason>", text: "why" },
          { flags: "--limit <count>", text: "how many" },
          { flags: "--window <duration>", text: "how long" },
          { flags: "--hard", text: "hard" },
        ],
        example: "rollout work",
        ...binding,
      },
    ],
  });
  return { exit, out: terminal.out(), err: terminal.err(), world };
}

test("the result goes to stdout and the exit code is the answer's", async () => {
  expect(await run("work", { run: async () => ({ ...done, exit: 14 }) })).toMatchObject({
    exit: 14,
    out: "done\n",
    err: "",
  });
});

test("problems in place of a result go to stderr", async () => {
  const { exit, out, err } = await run("work", { run: async () => problems });
  expect([exit, out]).toEqual([1, ""]);
  expect(err).toContain("rollout.config.yaml:14:7");
});

test("problems that are the result go to stdout", async () => {
  const { out, err } = await run("work", { run: async () => problems, answersProblems: true });
  expect(out).toContain("rollout.config.yaml:14:7");
  expect(err).toBe("");
});

test("with --format json stdout is one document, and prose is on stderr", async () => {
  const view = planView([rollback], { warnings: [{ ...unknownKey, severity: "warning" }] });
  const { out, err } = await run("work --format json", {
    run: async (world) => {
      world.say("looking");
      return { view, exit: 2 };
    },
  });
  expect(JSON.parse(out)).toMatchObject({ format: 1, kind: "plan", warnings: [{ code: "config/unknown-key" }] });
  expect(err).toMatch(/^looking\nwarning config\/unknown-key/);
});

test("with --format json problems are the document", async () => {
  const { out } = await run("work --format=json", { run: async () => problems });
  expect(JSON.parse(out)).toMatchObject({
    format: 1,
    kind: "problems",
    problems: [{ code: "config/unknown-key", span: { line: 14 } }],
  });
});

test("--format markdown", async () => {
  expect(
    (await run("work --format markdown", { run: async () => ({ view: planView([rollback]), exit: 0 }) })).out,
  ).toMatch(/^<!-- rollout-plan -->\n/);
});

test("global options are heard before and behind the command", async () => {
  for (const typed of ["--config a.yaml -C / work", "work --config a.yaml -C /"]) {
    expect((await run(typed, { run: async () => done })).world).toMatchObject({
      config: "a.yaml",
      cwd: "/",
    });
  }
});

test("arguments reach the command", async () => {
  const heard: unknown[] = [];
  await run("work a b --because done --hard --limit 3 --window 6h", {
    run: async (_, input) => {
      heard.push(
        input.list(0),
        input.text("because"),
        input.flag("hard"),
        input.count("limit"),
        input.duration("window"),
        input.text("nothing"),
      );
      return done;
    },
  });
  expect(heard).toEqual([["a", "b"], "done", true, 3, 21_600_000, null]);
});

const mistakes: readonly (readonly [typed: string, code: string, says: string])[] = [
  ["wrok", "cli/unknown-command", 'Unknown command "wrok".\n  Did you mean "work"?'],
  ["work --hrad", "cli/unknown-option", 'Unknown option "--hrad".\n  Did you mean "--hard"?'],
  ["work --because", "cli/bad-arguments", 'Option "--because <reason>" argument missing.'],
  ["work --format yaml", "cli/bad-arguments", "Allowed choices are text, json, markdown."],
  ["work -C nowhere", "cli/bad-arguments", 'There is no folder "nowhere".'],
  ["work --limit none", "cli/bad-arguments", '--limit takes a whole number from 1 on, and "none" is none.'],
  ["work --limit 0", "cli/bad-arguments", '"0" is none'],
  ["work --window 1y", "cli/bad-arguments", '--window takes a duration such as 30m, 6h or 7d, and "1y" is none.'],
];

test.each(mistakes)("rollout %s is %s", async (typed, code, says) => {
  const { exit, out, err } = await run(typed, {
    run: async (_, input) => {
      input.count("limit");
      input.duration("window");
      return done;
    },
  });
  expect([exit, out]).toEqual([1, ""]);
  expect(err).toContain(`error ${code}: `);
  expect(err).toContain(says);
});

test("a mistake with --format json is a document too", async () => {
  const { out, exit } = await run("wrok --format json", { run: async () => done });
  expect(exit).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ kind: "problems", problems: [{ code: "cli/unknown-command" }] });
});

test("help goes to stdout and says the exit codes; nothing typed is an error with the same help", async () => {
  const help = await run("--help", { run: async () => done });
  expect(help).toMatchObject({ exit: 0, err: "" });
  expect(help.out).toContain("  12   a gate fails (gate eval)\n");
  const nothing = await run("", { run: async () => done });
  expect([nothing.exit, nothing.out]).toEqual([1, ""]);
  expect(nothing.err).toContain("Exit codes:");
});

test("a bug is ours: short, with how to report it, and a stack only when asked for", async () => {
  const broken = async (): Promise<Answer> => {
    throw new Bug("weights sum to 9 999");
  };
  const short = await run("work", { run: broken });
  expect(short.exit).toBe(1);
  expect(short.err).toMatch(/^This is a bug in rollout, not a mistake of yours\.\n {2}Bug: weights sum to 9 999\n/);
  expect(short.err).not.toMatch(/\n +at /);
  expect((await run("work", { run: broken }, { env: { ROLLOUT_DEBUG: "1" } })).err).toMatch(/\n +at .*broken/);
});

test("what the operating system refuses is the user's to repair", async () => {
  const { readFile } = await import("node:fs/promises");
  const { exit, err } = await run("work", {
    run: async () => {
      await readFile("/nowhere/at/all");
      return done;
    },
  });
  expect(exit).toBe(1);
  expect(err).toContain(
    "error cli/file: The operating system refused\n  ENOENT: no such file or directory, open '/nowhere/at/all'.",
  );
});

const coloring: readonly (readonly [options: MemoryTerminalOptions, typed: string, colored: boolean])[] = [
  [{ tty: true }, "work", true],
  [{ tty: false }, "work", false],
  [{ tty: true }, "work --no-color", false],
  [{ tty: true, env: { NO_COLOR: "1" } }, "work", false],
  [{ tty: true, env: { NO_COLOR: "" } }, "work", true],
  [{ tty: false, env: { FORCE_COLOR: "1" } }, "work", true],
  [{ tty: true, env: { FORCE_COLOR: "0" } }, "work", false],
  [{ tty: true, env: { TERM: "dumb" } }, "work", false],
];

test.each(coloring)("%j rollout %s is coloured: %s", async (options, typed, colored) => {
  const { out } = await run(typed, { run: async () => ({ view: planView([rollback]), exit: 0 }) }, options);
  expect(out.includes("\u001b[")).toBe(colored);
});

test("width follows the terminal, and COLUMNS where there is none", async () => {
  const answer = async (): Promise<Answer> => ({
    view: { kind: "message", lines: ["word ".repeat(40)], data: {} },
    exit: 0,
  });
  const longest = async (options: MemoryTerminalOptions): Promise<number> =>
    Math.max(...(await run("work", { run: answer }, options)).out.split("\n").map((line) => line.length));
  expect(await longest({ tty: true, columns: 60 })).toBe(59);
  expect(await longest({ env: { COLUMNS: "70" } })).toBe(69);
  expect(await longest({})).toBe(99);
});

test("a locale without Unicode gets ASCII", async () => {
  const { out } = await run(
    "work",
    { run: async () => ({ view: planView([rollback]), exit: 0 }) },
    { env: { LC_ALL: "C" } },
  );
  expect(out).toContain("rollout plan   spec 9f2c1e7 - state");
});

const answers: readonly (readonly [typed: readonly string[], agreed: boolean])[] = [
  [["yes"], true],
  [["y"], false],
  [["YES"], false],
  [[""], false],
  [[], false],
];

test.each(answers)("asked and answered %j: %s", async (typed, agreed) => {
  let heard: boolean | null = null;
  const { out, err } = await run(
    "work",
    {
      run: async (_, input) => {
        heard = await input.confirm(planView([rollback]));
        return done;
      },
    },
    { tty: true, typed, env: { NO_COLOR: "1" } },
  );
  expect(heard).toBe(agreed);
  expect(out).toContain("! support  rollback");
  expect(err).toContain('Apply this plan? Only "yes" is accepted: ');
});

test("with --format json the plan that is asked about does not disturb the document", async () => {
  const { out, err } = await run(
    "work --format json",
    {
      run: async (_, input) => {
        await input.confirm(planView([rollback]));
        return done;
      },
    },
    { tty: true, typed: ["yes"] },
  );
  expect(JSON.parse(out)).toMatchObject({ kind: "message" });
  expect(err).toContain("rollback");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("the first %s asks to stop and the exit code says so", async (signal, code) => {
  const terminal = memoryTerminal();
  const { exit, err } = await runIn(terminal, "work", {
    run: async (world) => {
      terminal.send(signal);
      expect(world.stop.aborted).toBe(true);
      return done;
    },
  });
  expect(exit).toBe(code);
  expect(err).toContain("Stopping: what is under way is finished and recorded first.");
});

test("the second signal ends the run on the spot", async () => {
  const terminal = memoryTerminal();
  let ended: unknown = null;
  await runIn(terminal, "work", {
    run: async () => {
      terminal.send("SIGINT");
      try {
        terminal.send("SIGINT");
      } catch (error) {
        ended = error;
      }
      return done;
    },
  });
  expect(ended).toEqual(new Exited(130));
});

test("a repeated look goes on until it is stopped", async () => {
  const terminal = memoryTerminal();
  let looks = 0;
  const { exit, out } = await runIn(terminal, "work", {
    repeat: () => 0.001,
    run: async () => {
      looks += 1;
      if (looks === 3) terminal.send("SIGINT");
      return done;
    },
  });
  expect([exit, out]).toEqual([130, "done\ndone\ndone\n"]);
});

test("--version is the package's", async () => {
  expect(await run("--version", { run: async () => done })).toMatchObject({ exit: 0, out: "1.2.3\n" });
});

const telling: Pick<Binding, "run"> = {
  run: async (world) => {
    world.say("one");
    world.say("two");
    return done;
  },
};

test("progress that the text repeats is only seen meanwhile", async () => {
  expect((await run("work", { ...telling, repeatsProgress: true })).err).toBe("");
  expect((await run("work", { ...telling, repeatsProgress: true }, { tty: true })).err).toBe(
    "\r\u001b[2Kone\r\u001b[2Ktwo\r\u001b[2K",
  );
  expect((await run("work --format json", { ...telling, repeatsProgress: true })).err).toBe("one\ntwo\n");
  expect((await run("work", telling)).err).toBe("one\ntwo\n");
});

test("the lines of a report go to stdout, and beside a document to stderr", async () => {
  const reporting: Pick<Binding, "run"> = {
    run: async (_, input) => {
      input.print("chapter one");
      return done;
    },
  };
  expect(await run("work", reporting)).toMatchObject({ out: "chapter one\ndone\n", err: "" });
  const { out, err } = await run("work --format json", reporting);
  expect(JSON.parse(out)).toMatchObject({ kind: "message" });
  expect(err).toBe("chapter one\n");
});
