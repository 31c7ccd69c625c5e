// LiteLLM: a gateway draws for each request, and a conversation would flip between its arms. So the router draws, by the routing file,
// and the gateway serves every revision under names of its own: the models stand in a file that LiteLLM's config.yaml includes.

import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ServedRevision, servedRevision } from "../../core/model/revision.js";
import { compareFences, type Fence, isLowering, type LiveState, type Route } from "../../core/model/route.js";
import type { LitellmProvider } from "../../core/model/spec.js";
import type { AgentId, RevisionId } from "../../core/model/units.js";
import { checkShift } from "../../ports/check-shift.js";
import { Fault } from "../../ports/fault.js";
import type { Outside } from "../../ports/outside.js";
import { checkOwner, checkSize, type OwnedFile, strangerIn } from "../../ports/owned-file.js";
import { defineTrafficTarget } from "../../ports/provider-kind.js";
import type { ShiftAction, TrafficTarget } from "../../ports/traffic-target.js";
import { type Entry, entriesOf, type Models, modelsText, readModels } from "./litellm/models-text.js";
import { servedModels } from "./litellm/served-models.js";

export interface LitellmTargetConfig {
  /** The routing file, which splits the traffic and serves the contents; it holds the same agent. */
  readonly contents: TrafficTarget;
  /** The file that LiteLLM's config.yaml includes; it holds one agent. */
  readonly models: OwnedFile;
  readonly providers: readonly LitellmProvider[];
  /** Makes LiteLLM read its configuration again. Throws a `Fault`. */
  readonly reload: (signal: AbortSignal) => Promise<void>;
  /** Where LiteLLM answers; null: nobody asks it, and a reload that ends well is taken for what it serves. */
  readonly url: string | null;
  /** Name of the secret that is LiteLLM's key. */
  readonly key: string | null;
}

export default defineTrafficTarget<LitellmTargetConfig>({
  kind: "litellm",
  summary: "Models for each revision in a file that LiteLLM includes; the router draws.",
  open: (config, outside) => new LitellmTarget(config, outside),
});

const lookEvery = 100;
/** A gateway takes some seconds to start. */
const patience = 25_000;

interface Shift {
  readonly action: ShiftAction;
  readonly fence: Fence;
  readonly signal: AbortSignal;
}

class LitellmTarget implements TrafficTarget {
  readonly #config: LitellmTargetConfig;
  readonly #outside: Outside;

  constructor(config: LitellmTargetConfig, outside: Outside) {
    this.#config = config;
    this.#outside = outside;
  }

  describe(): string {
    return `litellm ${this.#config.models.path}`;
  }

  /** The split is the routing file's, as long as the gateway has the models of its revisions. */
  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const observedAt = this.#outside.now();
    const { path } = this.#config.models;
    if (signal.aborted) return { kind: "unreachable", because: `the look at ${path} was abandoned`, observedAt };
    try {
      const found = this.#read();
      const stranger = strangerIn(found, this.#config.models, agent);
      if (stranger !== null) return { kind: "foreign", because: stranger, observedAt };
      if (found.kind !== "ours") return { kind: "empty", observedAt };
      const live = await this.#config.contents.observe(agent, signal);
      if (live.kind !== "serving") return live;
      const { stable, canary } = live.route;
      const asked = [stable, canary].flatMap((id) => (id === null ? [] : namesOf(agent, id, live.served[id])));
      const because = await this.#lacking(asked, found.content.entries, signal);
      return because === null ? live : { kind: "foreign", because, observedAt };
    } catch (error) {
      return { kind: "unreachable", because: (error as Error).message, observedAt };
    }
  }

  /**
   * The models first, until LiteLLM serves them, and then the split: so that no session is sent to a model that the gateway does not
   * know. Where the split names no revision that was not in force already, it comes first, so that no rollback waits for a gateway; and
   * one that lowers the canary's share does not even ask whether the models can be written. What was in force stays among the models
   * until the next shift, for the tasks under way. Throws a `Fault` and nothing else.
   */
  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
    checkShift(action, fence, null);
    const { contents } = this.#config;
    const before = await contents.observe(action.agent, signal);
    if (before.kind === "serving") checkShift(action, fence, before);
    const shift: Shift = { action, fence, signal };
    const entries = this.#prepared(shift, before);
    const lowering = before.kind === "serving" && isLowering(before.route, action.route);
    if (entries instanceof Fault && (entries.kind === "conflict" || !lowering)) throw entries;
    const known = isKnown(action.route, before);
    if (known) await contents.act(action, fence, signal);
    if (entries instanceof Fault) throw entries;
    await this.#provide(entries, shift);
    if (!known) await contents.act(action, fence, signal);
  }

  /** What is to be among the models, or why it cannot be. Nothing is touched. */
  #prepared({ action, fence }: Shift, before: LiveState): readonly Entry[] | Fault {
    try {
      checkOwner(this.#read(), this.#config.models, { action, fence });
      const entries = this.#entries(action, before);
      checkSize(entries.map(({ text }) => text).join(""), this.#config.models);
      return entries;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  async #provide(entries: readonly Entry[], shift: Shift): Promise<void> {
    const { models, reload } = this.#config;
    const { action, fence, signal } = shift;
    const taken = await this.#serves(entries, signal);
    await this.#write({ entries, taken }, shift);
    if (!taken) {
      await reload(signal);
      await this.#waitFor(entries, signal);
      await this.#write({ entries, taken: true }, shift);
    }
    const found = this.#read();
    // Later than our own is as good: then ours was in force and has been replaced.
    if (found.kind === "ours" && found.agent === action.agent && compareFences(found.rival.fence, fence) >= 0) return;
    throw new Fault("conflict", `${models.path} was changed by somebody else right after it was written`);
  }

  async #write(models: Pick<Models, "entries" | "taken">, { action, fence, signal }: Shift): Promise<void> {
    const { agent, lineage } = action;
    const file = this.#config.models;
    const look = () => checkOwner(this.#read(), file, { action, fence });
    await file.replace(modelsText({ agent, lineage, fence, ...models }, digestOf), fence, signal, look);
  }

  #entries({ agent, route, contents }: ShiftAction, before: LiveState): readonly Entry[] {
    const { providers } = this.#config;
    const named = new Set([route.stable, route.canary, route.previous].filter((id) => id !== null));
    const ours = contents
      .filter(({ id }) => named.has(id))
      .flatMap((content) => {
        const revision = { id: content.id, served: servedRevision(content), isStable: content.id === route.stable };
        return entriesOf(agent, revision, providers);
      });
    const left = before.kind === "serving" ? [before.route.stable, before.route.canary] : [];
    const leaving = left.flatMap((id) => {
      const served = before.kind === "serving" && id !== null && !named.has(id) ? before.served[id] : undefined;
      return id === null || served === undefined
        ? []
        : leavingEntries(agent, { id, served, isStable: false }, providers);
    });
    return [...ours, ...leaving].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether LiteLLM has all of them from an earlier reload, since the weight alone is none of its business. */
  async #serves(entries: readonly Entry[], signal: AbortSignal): Promise<boolean> {
    const found = this.#read();
    const known = found.kind === "ours" && found.content.taken ? found.content.entries : [];
    const texts = new Set(known.map(({ text }) => text));
    if (!entries.every(({ text }) => texts.has(text))) return false;
    const names = entries.map(({ name }) => name);
    // One that is down reads them when it starts.
    return (await this.#lacking(names, entries, signal).catch(unlessUnreachable(null))) === null;
  }

  async #waitFor(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const names = entries.map(({ name }) => name);
    let because = "it does not answer";
    for (;;) {
      try {
        const lacking = await this.#lacking(names, entries, limit).catch(unlessUnreachable("it does not answer"));
        if (lacking === null) return;
        because = lacking;
        await pause(lookEvery, undefined, { signal: limit });
      } catch (error) {
        if (!limit.aborted) throw error;
        const { path } = this.#config.models;
        throw new Fault("timeout", `${path} is written, and LiteLLM did not take it up: ${because}`, { cause: error });
      }
    }
  }

  /** Why these models cannot be asked for; null: they can. */
  async #lacking(names: readonly string[], written: readonly Entry[], signal: AbortSignal): Promise<string | null> {
    const { models, url, key } = this.#config;
    const there = new Set(written.map(({ name }) => name));
    const unwritten = names.find((name) => !there.has(name));
    if (unwritten !== undefined) return `${models.path} does not have the model ${unwritten}`;
    if (url === null) return null;
    const { fetch, secret } = this.#outside;
    const served = await servedModels({ fetch, url, key: key === null ? null : secret(key) }, signal);
    const missing = names.find((name) => !served.has(name));
    return missing === undefined ? null : `LiteLLM at ${url} does not serve the model ${missing}`;
  }

  #read(): ReturnType<typeof readModels> {
    return readModels(this.#config.models.read(), digestOf);
  }
}

/** Whether the gateway has the models of all that the route sends sessions to. */
function isKnown({ stable, canary }: Route, before: LiveState): boolean {
  if (before.kind !== "serving") return false;
  const there = [before.route.stable, before.route.canary, before.route.previous];
  return there.includes(stable) && (canary === null || there.includes(canary));
}

/** A revision that leaves and that no provider takes any more is not kept. */
function leavingEntries(...of: Parameters<typeof entriesOf>): readonly Entry[] {
  try {
    return entriesOf(...of);
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
}

function unlessUnreachable<Otherwise>(otherwise: Otherwise): (error: unknown) => Otherwise {
  return (error) => {
    if (error instanceof Fault && error.kind === "unreachable") return otherwise;
    throw error;
  };
}

function namesOf(agent: AgentId, id: RevisionId, served: ServedRevision | undefined): readonly string[] {
  return Object.keys(served?.steps ?? {}).map((step) => `${agent}/${step}/${id}`);
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
