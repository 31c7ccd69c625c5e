// What a runtime with files is asked: the cases, from texts and from files, and to follow a file that is replaced.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { askAll } from "./ask.mjs";

/** In the folder above `live` are cases.json and the texts of a first and a second snapshot. Prints one line of JSON. */
export async function report({ openRouter }, { routerOf }, live) {
  const cases = JSON.parse(readFileSync(join(live, "../cases.json"), "utf8"));
  const file = join(live, "routing.json");
  const fromFile = async (text, options) => {
    put(file, text);
    const router = await openRouter(file, { ...options, pollMs: 1_000_000 });
    await router.close();
    return router;
  };
  const inFiles = cases.filter(({ isFile }) => isFile);
  const said = {
    texts: await askAll(cases, routerOf),
    files: await askAll(inFiles, fromFile),
    watched: await follow(openRouter, { live, file, written: file, pollMs: 1_000_000 }),
    // No event comes: the folder of the link, which is watched, never changes.
    polled: await follow(openRouter, {
      live,
      file: join(live, "link.json"),
      written: join(live, "elsewhere/real.json"),
      pollMs: 20,
    }),
  };
  // Nobody closes it: a router keeps no process from ending.
  await openRouter(file, { log: () => {} });
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/** The weights that it saw by itself, and what became of the hook, the tasks and a file that is none. */
async function follow(openRouter, { live, file, written, pollMs }) {
  const [first, second] = ["first", "second"].map((name) => readFileSync(join(live, `../${name}.txt`), "utf8"));
  const events = [];
  const lines = [];
  const tasks = { file: `${written}.tasks` };
  put(written, first);
  const hook = { onRoute: ({ session }) => events.push(session), log: (line) => lines.push(line) };
  const router = await openRouter(file, { pollMs, tasks, ...hook });
  const weights = [router.route("a").weight];
  put(written, second);
  while (router.status().weight === weights[0]) await turn();
  weights.push(router.route("b").weight);
  put(written, "{}");
  while (lines.length === 0) await turn();
  weights.push(router.route("c").weight);
  router.recordTask({ id: "t", session: "a", revision: null, started_at: 0, ended_at: 1 });
  await router.close();
  const { refused } = router.status();
  return { weights, refused, lines: lines.length, events, tasks: readFileSync(tasks.file, "utf8") };
}

function put(file, text) {
  writeFileSync(`${file}.draft`, text);
  renameSync(`${file}.draft`, file);
}

function turn() {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
