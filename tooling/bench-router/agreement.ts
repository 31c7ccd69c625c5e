/** Agreement with flagd's own evaluator, session by session, at odd weights: what `npm run bench:router` asks live, and a test from the file. */
import { createHash } from "node:crypto";
import type { Route } from "../../src/core/model/route.js";
import type { AgentId, Instant, RevisionId, Weight } from "../../src/core/model/units.js";
import { choose } from "../../src/core/routing/choose.js";
import { type Contender, flagd } from "./contenders.js";

/** In basis points: shares that no binary fraction hits. */
const oddWeights = [1, 7, 33, 333, 700, 1_429, 2_857, 5_501, 9_999];
const salts = ["support/ro-1", "support/ro-12", "billing/ro-3", "s/ro-1"];

/** A repeatable ASCII id: a UUID, a counter, an e-mail address or a ULID, 36 of each in turn. */
export function sessionId(i: number): string {
  const hex = createHash("md5").update(`session ${i}`).digest("hex");
  const kind = Math.floor(i / 36) % 4;
  if (kind === 0) return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  if (kind === 1) return `session-${i}`;
  if (kind === 2) return `user.${hex.slice(0, 7)}@example.org`;
  return BigInt(`0x${hex}`).toString(32).toUpperCase().padStart(26, "0").slice(0, 26);
}

function routeAt(salt: string, weight: number): Route {
  return {
    rollout: null,
    algo: "murmur3-32",
    salt,
    stable: "r-stable" as RevisionId,
    canary: "r-canary" as RevisionId,
    weight: weight as Weight,
    history: [],
    previous: null,
    fallback: false,
  };
}

/** Sessions that are asked about: each at one of the salts and one of the weights, in turn. */
export const sessions = 50_000;

function routeOf(i: number): Route {
  const salt = salts[i % salts.length] ?? "";
  return routeAt(salt, oddWeights[Math.floor(i / salts.length) % oddWeights.length] ?? 0);
}

export function isOurCanary(i: number): boolean {
  return choose(routeOf(i), sessionId(i), null, 0 as Instant).variant === "canary";
}

/** What flagd's evaluator says of every session, as the text of test/vectors/routing/flagd.json. */
export function flagdVectors(): string {
  const asked = new Map<string, Contender>();
  const answers = Array.from({ length: sessions }, (_, i) => {
    const route = routeOf(i);
    const name = `${route.salt} ${route.weight}`;
    const theirs = asked.get(name) ?? flagd({ agent: "support" as AgentId, route });
    asked.set(name, theirs);
    return theirs.isCanary(sessionId(i));
  });
  const [{ version = "" } = {}] = [...asked.values()];
  const head = { format: 1, made_with: `@openfeature/flagd-core ${version}, Apache-2.0`, salts, weights: oddWeights };
  return `${JSON.stringify({ ...head, sessions, canary: hexLines(answers) }, null, 2)}\n`;
}

/** Four answers in each digit, the first one highest, a hundred digits in each line. */
function hexLines(answers: readonly boolean[]): readonly string[] {
  let hex = "";
  for (let i = 0; i < answers.length; i += 4) {
    hex += [0, 1, 2, 3].reduce((digit, j) => digit * 2 + Number(answers[i + j] === true), 0).toString(16);
  }
  return hex.match(/.{1,100}/g) ?? [];
}

/** The answers of such a text, in order. */
export function answersIn(vectors: string): readonly boolean[] {
  const { canary } = JSON.parse(vectors) as { readonly canary: readonly string[] };
  return [...canary.join("")].flatMap((digit) => [8, 4, 2, 1].map((bit) => (Number.parseInt(digit, 16) & bit) !== 0));
}
