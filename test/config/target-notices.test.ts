/** What every plan declares of a target that holds less than the routing file and its router: stickiness, the rule of the draw, the fence. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { agentOf } from "../support/read-example.js";

const minimal = readFileSync("test/fixtures/config/examples/minimal.yaml", "utf8");
const unsticky = (kind: string) =>
  `sessions are not sticky to the weight at their start: ${kind} keeps no history of weights, so a rise can move live sessions to the canary`;

test.each<[target: string, notices: readonly string[]]>([
  ["live/support.json", []],
  ["{ kind: snapshot, path: live/support.json }", []],
  [
    "{ kind: haproxy, path: live/support.json, map: live/support.map, socket: live/admin.sock }",
    [
      unsticky("haproxy"),
      "haproxy draws by its own hash, not by session.algo, and compares no fences: an older write that comes late can be in force for a moment, until that of the map file is set again",
    ],
  ],
  [
    "{ kind: nginx, path: live/support.json, include: live/support.conf, status: 127.0.0.1:8099, reload: [nginx] }",
    [
      unsticky("nginx"),
      "nginx draws by its own hash, not by session.algo, and compares no fences: the include refuses an older write",
    ],
  ],
  ["{ kind: flagd, path: live/support.json, flags: live/support.flags.json }", [unsticky("flagd")]],
  [
    "{ kind: command, path: live/support.json, run: [split] }",
    [
      "which session goes where, and that a newer split wins over an older one, is the target program's to keep: it is given no history of weights",
    ],
  ],
])("%s", (target, notices) => {
  expect(agentOf(minimal.replace("live/support.json", target)).notices).toEqual(notices);
});
