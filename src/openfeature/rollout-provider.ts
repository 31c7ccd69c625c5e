// An OpenFeature provider over routers: opens those that are given as files, answers flags, and tells of changes.

import {
  ErrorCode,
  type EvaluationContext,
  GeneralError,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from "@openfeature/server-sdk";
import { openRouter } from "../sdk/open-router.js";
import type { Router, RouterOptions, RoutingStatus, SessionRouter } from "../sdk/router.js";
import { type FlagAnswer, type FlagKind, flagAnswer, notInForce, refused } from "./flag-answer.js";

/** A router or the path of a routing file, or several by the names of their agents. */
export type Agents = SessionRouter | string | Readonly<Record<string, SessionRouter | string>>;

/** How the routing files are opened, that are given by their paths. */
export type RolloutProviderOptions = Omit<RouterOptions, "agent">;

interface OpenAgent {
  /** Null: the snapshot tells. */
  readonly name: string | null;
  readonly router: SessionRouter;
  /** As it was last told. */
  status: RoutingStatus;
}

type End = () => unknown;

interface Standing {
  readonly kind: "ready" | "stale" | "broken";
  readonly message: string;
}

/**
 * Flags: `AGENT` is the variant (string), whether it is the canary (boolean) or the route (object); `AGENT/STEP` is the model entry
 * (object) or `model@version` (string). The targeting key is the session; `startedAt`, `user` and `rolloutRevision` of the context are what
 * `route` takes. A session without an id goes to stable. `revision`, `rollout`, `weight`, `version` and `agent` are the flag's metadata.
 */
export class RolloutProvider implements Provider {
  readonly metadata = { name: "rollout" } as const;
  readonly runsOn = "server";
  readonly events = new OpenFeatureEventEmitter();

  readonly #given: readonly (readonly [name: string | null, SessionRouter | string])[];
  readonly #options: RolloutProviderOptions;
  #agents: OpenAgent[] = [];
  /** What `onClose` has to end. */
  #ends: End[] = [];
  #standing: Standing = { kind: "broken", message: "the provider is not initialized" };

  constructor(agents: Agents, options: RolloutProviderOptions = {}) {
    this.#given = isOne(agents) ? [[null, agents]] : Object.entries(agents);
    this.#options = options;
  }

  /** Rejects when nothing is in force for one of the agents, or what is belongs to another. It is ready by itself once that is mended. */
  async initialize(): Promise<void> {
    const closed = this.onClose();
    const ends = this.#ends;
    await closed;
    this.#agents = await this.#openAll(ends);
    for (const agent of this.#agents) {
      agent.status = agent.router.status();
      ends.push(agent.router.subscribe((status) => this.#changed(agent, status)));
    }
    this.#standing = standingOf(this.#agents);
    if (this.#standing.kind === "broken") throw new GeneralError(this.#standing.message);
    // The SDK says that the provider is ready when this has returned; that it is stale has to come after.
    if (this.#standing.kind === "stale") setImmediate(() => ends === this.#ends && this.#tellStanding());
  }

  async onClose(): Promise<void> {
    const ends = this.#ends;
    this.#ends = [];
    this.#agents = [];
    await endAll(ends);
  }

  async resolveBooleanEvaluation(flag: string, fallback: boolean, context: EvaluationContext) {
    return this.#resolve("boolean", { flag, fallback, context });
  }

  async resolveStringEvaluation(flag: string, fallback: string, context: EvaluationContext) {
    return this.#resolve("string", { flag, fallback, context });
  }

  async resolveNumberEvaluation(flag: string, fallback: number, context: EvaluationContext) {
    return this.#resolve("number", { flag, fallback, context });
  }

  async resolveObjectEvaluation<T extends JsonValue>(flag: string, fallback: T, context: EvaluationContext) {
    return this.#resolve("object", { flag, fallback, context });
  }

  #resolve<T extends JsonValue>(
    kind: FlagKind,
    { flag, fallback, context }: { readonly flag: string; readonly fallback: T; readonly context: EvaluationContext },
  ): ResolutionDetails<T> {
    const answer = this.#answer(flag, kind, context);
    if (answer.errorCode !== undefined) return { value: fallback, reason: "ERROR", ...answer };
    return answer as unknown as ResolutionDetails<T>;
  }

  /** Neither agents nor steps have a `/` in their names. */
  #answer(flag: string, kind: FlagKind, context: EvaluationContext): FlagAnswer {
    const [, name = "", step = null] = /^([^/]*)(?:\/(.*))?$/s.exec(flag) ?? [];
    if (this.#agents.length === 0) return refused(ErrorCode.PROVIDER_NOT_READY, "the provider is not open");
    const agent = this.#agents.find((one) => (nameOf(one) ?? name) === name);
    if (agent === undefined) {
      const known = this.#agents.map(nameOf).join(", ");
      return refused(ErrorCode.FLAG_NOT_FOUND, `no agent ${name} is routed here: ${known}`);
    }
    const status = agent.router.status();
    const problem = problemOf(agent, status);
    // Which agent it will be is not known yet, or it is another's.
    if (problem !== null && status.agent !== name) return refused(ErrorCode.PROVIDER_NOT_READY, problem);
    return flagAnswer(agent.router, { agent: name, step, kind, context, status });
  }

  /** All of them or none: where one cannot be opened, or `onClose` came meanwhile, the others are closed again. */
  async #openAll(ends: End[]): Promise<OpenAgent[]> {
    const opening = this.#given.map(async ([name, given]): Promise<OpenAgent> => {
      const router = typeof given === "string" ? await this.#openFile(given, name, ends) : given;
      return { name, router, status: router.status() };
    });
    await Promise.allSettled(opening);
    try {
      const opened = await Promise.all(opening);
      if (ends === this.#ends) return opened;
      throw new GeneralError("the provider was closed while it was opening");
    } catch (error) {
      await endAll(ends);
      throw error;
    }
  }

  async #openFile(path: string, agent: string | null, ends: End[]): Promise<Router> {
    const router = await openRouter(path, agent === null ? this.#options : { ...this.#options, agent });
    ends.push(() => router.close());
    return router;
  }

  #changed(agent: OpenAgent, status: RoutingStatus): void {
    const before = agent.status;
    agent.status = status;
    const standing = standingOf(this.#agents);
    const isNews = standing.kind !== this.#standing.kind;
    this.#standing = standing;
    if (isNews) this.#tellStanding();
    if (answersKey(before) === answersKey(status)) return;
    const name = agent.name ?? status.agent ?? "";
    const steps = new Set([...before.steps, ...status.steps]);
    const flagsChanged = [name, ...[...steps].map((step) => `${name}/${step}`)];
    this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
  }

  #tellStanding(): void {
    const { kind, message } = this.#standing;
    if (kind === "ready") this.events.emit(ProviderEvents.Ready, {});
    else if (kind === "stale") this.events.emit(ProviderEvents.Stale, { message });
    else this.events.emit(ProviderEvents.Error, { message, errorCode: ErrorCode.GENERAL });
  }
}

async function endAll(ends: End[]): Promise<void> {
  await Promise.all(ends.splice(0).map((end) => end()));
}

function isOne(agents: Agents): agents is SessionRouter | string {
  return typeof agents === "string" || typeof agents.route === "function";
}

function nameOf({ name, router }: OpenAgent): string | null {
  return name ?? router.status().agent;
}

function standingOf(agents: readonly OpenAgent[]): Standing {
  if (agents.length === 0) return { kind: "broken", message: "no agent is given, so there are no flags" };
  const broken = agents.map((agent) => problemOf(agent, agent.status)).find((problem) => problem !== null);
  if (broken !== undefined && broken !== null) return { kind: "broken", message: broken };
  const stale = agents.map((agent) => staleness(agent)).find((because) => because !== null);
  return stale === undefined || stale === null ? { kind: "ready", message: "" } : { kind: "stale", message: stale };
}

/** Why it cannot answer; null when it can. */
function problemOf({ name }: OpenAgent, status: RoutingStatus): string | null {
  if (name !== null && status.agent !== null && status.agent !== name)
    return `the router that is given for ${name} routes the agent ${status.agent}`;
  if (status.origin === "none") return notInForce(name ?? status.agent ?? "the agent", status);
  return status.agent === null ? "which agent is served is not known: give its name" : null;
}

/** Why its answers may be out of date; null when they are not. */
function staleness({ name, status: { agent, origin, refused: because } }: OpenAgent): string | null {
  if (because !== null) return `the routing file of ${name ?? agent} is refused, since ${because}`;
  return origin === "current" ? null : `the ${origin} of ${name ?? agent} serves`;
}

/** The same text, the same answers: ages and counts come and go. */
function answersKey(status: RoutingStatus): string {
  const { origin, version, revision, canary, weight, rollout, fallback, unit, killed } = status;
  return JSON.stringify([origin, version, revision, canary, weight, rollout, fallback, unit, killed]);
}
