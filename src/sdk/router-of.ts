// A router over a snapshot that is handed in, for places without files: workers at the edge, browsers, tests.

import type { ModelEntry } from "../core/model/revision.js";
import { compareFences } from "../core/model/route.js";
import { maxSnapshotBytes } from "../core/model/snapshot.js";
import { readSnapshot, type SnapshotReading } from "../core/routing/snapshot-file.js";
import type { Look } from "./last-good.js";
import { safeLog } from "./log.js";
import type { RoutingOptions, RoutingStatus, SessionFacts, SessionRoute, SessionRouter } from "./router.js";
import { SessionRoutes } from "./session-routes.js";

/** The routing file's text, or what its JSON says; null or undefined where nothing was found. */
export type GivenSnapshot = string | object | null | undefined;

export interface EdgeOptions<Steps extends string = string, Prompts extends string = string>
  extends RoutingOptions<Steps, Prompts> {
  /** The snapshot before: its stable revision serves where the first one is refused. */
  readonly previous?: GivenSnapshot;
}

export interface EdgeRouter<Steps extends string = string, Prompts extends string = string>
  extends SessionRouter<Steps, Prompts> {
  /**
   * Takes a newer snapshot. Answers null when it is in force, else why not, and then the last good one stays: besides all that a routing
   * file is refused for, one that is older than the one in force, since caches hand out old copies. Never throws.
   */
  update(snapshot: GivenSnapshot): Promise<string | null>;
  /** While killed, every session goes to stable. */
  kill(killed: boolean): void;
}

/** Never throws: what is no good snapshot is refused as a routing file is, and the previous one, the bootstrap or all-stable serve. */
export async function routerOf<Steps extends string = string, Prompts extends string = string>(
  snapshot: GivenSnapshot,
  options: EdgeOptions<Steps, Prompts> = {},
): Promise<EdgeRouter<Steps, Prompts>> {
  const router = new HandedRouter(options);
  await router.start(snapshot, options.previous);
  return router;
}

const named = "the routing snapshot";

class HandedRouter implements EdgeRouter {
  readonly #routes: SessionRoutes;
  /** Updates are numbered as they come, since one that came later may be read sooner. */
  #asked = 0;
  #answered = 0;

  constructor(options: RoutingOptions) {
    // biome-ignore lint/suspicious/noConsole: there is no standard error here.
    const log = safeLog(options.log ?? ((line) => console.error(line)));
    // A timer would run outside of the request, where some platforms allow nothing.
    this.#routes = new SessionRoutes(options, { log, later: queueMicrotask });
  }

  async start(snapshot: GivenSnapshot, previous: GivenSnapshot): Promise<void> {
    const { lastGood, inForce } = this.#routes;
    await this.update(snapshot);
    if (inForce.snapshot !== null || isNothing(previous)) return;
    lastGood.offerPrevious(lastGood.lookAt(await readHanded(previous)), `${named} before it`);
  }

  async update(snapshot: GivenSnapshot): Promise<string | null> {
    this.#asked += 1;
    const turn = this.#asked;
    const reading = await readHanded(snapshot);
    if (turn < this.#answered) return "a later update is answered already";
    this.#answered = turn;
    const { lastGood } = this.#routes;
    lastGood.offer(this.#notOlder(lastGood.lookAt(reading)), named);
    return lastGood.refused;
  }

  kill(killed: boolean): void {
    this.#routes.inForce.kill(killed);
  }

  route(session: string | null | undefined, facts?: SessionFacts): SessionRoute {
    return this.#routes.route(session, facts);
  }

  getModel(step: string, route: SessionRoute): ModelEntry | null {
    return this.#routes.getModel(step, route);
  }

  getPrompt(name: string, route: SessionRoute): string | null {
    return this.#routes.getPrompt(name, route);
  }

  status(): RoutingStatus {
    return this.#routes.status();
  }

  subscribe(listener: (status: RoutingStatus) => void): () => void {
    return this.#routes.subscribe(listener);
  }

  /** An older one would bring a canary back that was rolled back. Fences of two lineages cannot be compared. */
  #notOlder(look: Look): Look {
    const { snapshot } = this.#routes.inForce;
    if (look.kind === "bad" || snapshot === null) return look;
    if (snapshot.lineage !== look.snapshot.lineage || compareFences(look.snapshot.fence, snapshot.fence) >= 0)
      return look;
    return { kind: "bad", because: "it is older than the one in force" };
  }
}

async function readHanded(given: GivenSnapshot): Promise<SnapshotReading> {
  if (isNothing(given)) return refused("it is not there");
  try {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    if (text.length > maxSnapshotBytes) return refused(`it has ${text.length} characters, more than any snapshot`);
    return await readText(text);
  } catch (error) {
    return refused(`it cannot be read (${String(error)})`);
  }
}

function isNothing(given: GivenSnapshot): given is null | undefined {
  return given === null || given === undefined;
}

function refused(because: string): SnapshotReading {
  return { kind: "refused", because, newer: false };
}

/** Reads it twice: the platform's digest takes its time, and the reader does not wait. */
async function readText(text: string): Promise<SnapshotReading> {
  let content: string | null = null;
  const first = readSnapshot(text, (canonical) => {
    content = canonical;
    return "";
  });
  if (content === null) return first;
  const digest = await webDigest(content);
  return readSnapshot(text, () => digest);
}

async function webDigest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `sha256:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
