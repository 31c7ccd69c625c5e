// Kubernetes: an HTTPRoute whose rules send the requests that name the canary's revision to the canary's service, changed by kubectl.
// Who draws is the router, by the routing file; with `unsticky` it is the gateway. What is in force stands in an annotation of the
// HTTPRoute, and is believed only where the rules say the same.

import { type Fence, isLowering, type LiveState, type Route } from "../../core/model/route.js";
import type { KubernetesBackend, KubernetesTarget } from "../../core/model/spec.js";
import { type AgentId, noWeight, type RevisionId } from "../../core/model/units.js";
import { liveBeside } from "../../core/routing/live-beside.js";
import type { Split as RouteSplit } from "../../core/routing/split-line.js";
import { checkShift } from "../../ports/check-shift.js";
import { Fault } from "../../ports/fault.js";
import type { Outside } from "../../ports/outside.js";
import { defineTrafficTarget } from "../../ports/provider-kind.js";
import type { ShiftAction, TrafficTarget } from "../../ports/traffic-target.js";
import { annotate, changeObject, getObject, patchOf } from "./kubernetes/cluster-object.js";
import { bringUp, type Deploying, imageOf, strangeImage } from "./kubernetes/deployment.js";
import type { Kubectl } from "./kubernetes/kubectl.js";
import {
  type AnnotatedRoute,
  annotationKey,
  annotationText,
  readAnnotation,
  shownSplit,
  toldBy,
  type Written,
  waitTaken,
} from "./kubernetes/route-annotation.js";
import { homeOf, ruleOperations, type Side, type Split } from "./kubernetes/route-rules.js";

export interface KubernetesTargetConfig extends Omit<KubernetesTarget, "kind" | "path" | "env"> {
  readonly kubectl: Kubectl;
  /** The routing file, and the ConfigMap with its copy; it holds the same agent. */
  readonly contents: TrafficTarget;
}

export default defineTrafficTarget<KubernetesTargetConfig>({
  kind: "kubernetes",
  summary: "An HTTPRoute of the Gateway API, changed by kubectl.",
  open: (config, outside) => new KubernetesTargetOf(config, outside),
});

/** A shift under way. */
interface Shift {
  /** The HTTPRoute as it was when the shift began. */
  readonly seen: AnnotatedRoute;
  readonly action: ShiftAction;
  readonly fence: Fence;
  readonly signal: AbortSignal;
}

class KubernetesTargetOf implements TrafficTarget {
  readonly #config: KubernetesTargetConfig;
  readonly #name: string;
  readonly #now: Outside["now"];

  constructor(config: KubernetesTargetConfig, outside: Outside) {
    this.#config = config;
    this.#name = `httproutes.gateway.networking.k8s.io/${config.route}`;
    this.#now = outside.now;
  }

  describe(): string {
    return `kubernetes ${this.#config.namespace}/${this.#config.route}`;
  }

  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const observedAt = this.#now();
    try {
      const found = await this.#look(signal);
      const written = readAnnotation(found, agent);
      if (written.kind === "none") return { kind: "empty", observedAt };
      if (written.kind === "strange") return { kind: "foreign", because: this.#says(written.because), observedAt };
      const split = shownSplit(found, written, this.#config);
      if (typeof split === "string") return { kind: "foreign", because: this.#says(split), observedAt };
      const strange = await this.#strangeImage(split.route, signal);
      if (strange !== null) return { kind: "foreign", because: strange, observedAt };
      return liveBeside(split, await this.#config.contents.observe(agent, signal));
    } catch (error) {
      return { kind: "unreachable", because: faultOf(error).message, observedAt };
    }
  }

  /**
   * In the order in which no request reaches a revision that nobody serves: the canary's deployment, the contents, the rules. What lowers
   * the canary's share waits for no deployment, and neither of the contents and the rules keeps the other from it. Throws a `Fault` and
   * nothing else.
   */
  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    try {
      if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
      const seen = await this.#look(signal).catch((error: unknown) => this.#lowerFile(error, action, fence, signal));
      const shift: Shift = { seen, action, fence, signal };
      const before = this.#mayReplace(shift, seen);
      ruleOperations(seen.spec?.rules ?? [], servicesOf(this.#config), this.#wanted(action.route, "stable"));
      // The fallback is for an emergency: it waits for no deployment, and serves nobody's revision.
      const isRescue = action.route.fallback && (before === null || before.split.route.stable === action.route.stable);
      if (!isRescue) await this.#prepare(shift, before);
      const fault = await this.#serve(shift, before);
      await this.#put(shift, action.route, isRescue ? (before?.home ?? "stable") : "stable");
      if (fault !== null) throw fault;
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Writes the contents. What keeps them from being lowered is answered, and keeps the rules from nothing. */
  async #serve({ action, fence, signal }: Shift, before: Written | null): Promise<Fault | null> {
    try {
      await this.#config.contents.act(action, fence, signal);
      return null;
    } catch (error) {
      const fault = faultOf(error);
      const lowering = before !== null && isLowering(before.split.route, action.route);
      if (!lowering || fault.kind === "conflict") throw fault;
      return fault;
    }
  }

  /** The cluster is away: whoever draws by the routing file sends nobody to the canary any more. Throws why it cannot be asked. */
  async #lowerFile(error: unknown, action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<never> {
    const { contents } = this.#config;
    const before = await contents.observe(action.agent, signal).catch(() => null);
    if (before?.kind === "serving" && isLowering(before.route, action.route)) await contents.act(action, fence, signal);
    throw error;
  }

  /** Sees to it that the deployments serve what the route is about to ask of them. */
  async #prepare(shift: Shift, before: Written | null): Promise<void> {
    const { route } = shift.action;
    const old = before?.split.route ?? null;
    const oldCanary = old === null || old.weight === noWeight ? null : old.canary;
    await this.#settleStable(shift, before, oldCanary);
    if (route.canary === null || drawnBy(route) === null) return;
    const isLowered = oldCanary === route.canary && old !== null && route.weight < old.weight;
    const deploying = this.#deploying("canary", shift.signal);
    const image = imageIn(shift.action, route.canary);
    if (isLowered || deploying === null || image === null) return;
    // The deployment is about to serve something else than its visitors came for.
    if (oldCanary !== null && oldCanary !== route.canary) await this.#put(shift, restOf(route), "stable");
    await bringUp(deploying, image, shift.fence);
  }

  /**
   * A promoted release moves: all traffic goes to the canary's service, which serves it already, then stable's deployment gets it and is
   * waited for. The traffic comes back with the shift's last write.
   */
  async #settleStable(shift: Shift, before: Written | null, oldCanary: RevisionId | null): Promise<void> {
    const { action, fence, signal } = shift;
    const { route } = action;
    const deploying = this.#deploying("stable", signal);
    const image = imageIn(action, route.stable);
    if (deploying === null || image === null) return;
    const isMoved = before?.home === "canary";
    // Nobody knows any more what the rules were given, and they send everybody to the canary's service.
    const isLost = before === null && homeOf(shift.seen.spec?.rules ?? [], servicesOf(this.#config)) === "canary";
    if (before?.split.route.stable === route.stable && !isMoved) return;
    const running = await imageOf(deploying);
    if (running === image && !isMoved && !isLost) return;
    if (oldCanary === route.stable) {
      await this.#config.contents.act(action, fence, signal);
      await this.#put(shift, restOf(route), "canary");
    } else if (!isMoved && running !== image) {
      const what = `deployment ${deploying.backend.deployment} runs ${running}, and stable is to be ${image}`;
      throw new Fault("rejected", `${what}, which nobody serves: bring it up there, or write what runs as the release`);
    }
    await bringUp(deploying, image, fence);
    // Before the canary's deployment gets anything else.
    if (route.canary !== null) await this.#put(shift, restOf(route), "stable");
  }

  /** Writes rules and annotation as one, and returns when the gateways have them. */
  async #put(shift: Shift, route: Route, home: Side): Promise<void> {
    const { seen, action, fence, signal } = shift;
    const split: RouteSplit = { route, lineage: action.lineage, fence };
    const services = servicesOf(this.#config);
    const wanted = this.#wanted(route, home);
    const put = await changeObject<AnnotatedRoute>({
      kubectl: this.#config.kubectl,
      name: this.#name,
      signal,
      seen,
      decide: (found) => {
        this.#mayReplace(shift, found);
        const written = annotationText({ agent: action.agent, split, home });
        return patchOf(this.#name, found, [
          ...ruleOperations(found.spec?.rules ?? [], services, wanted),
          annotate(found, annotationKey, written),
        ]);
      },
    });
    await waitTaken(put, () => this.#look(signal), signal);
  }

  #wanted(route: Route, home: Side): Split {
    return { home, stable: toldBy(route), canary: drawnBy(route), unsticky: this.#config.unsticky !== null };
  }

  /** What stands there. Throws a `Fault` when it is newer, or another agent's. */
  #mayReplace({ action, fence }: Shift, found: AnnotatedRoute): Written | null {
    const written = readAnnotation(found, action.agent);
    if (written.kind === "strange" && written.agent !== null)
      throw new Fault("rejected", `${this.describe()} is not replaced: ${written.because}`);
    const before = written.kind === "written" ? written : null;
    checkShift(action, fence, before?.split ?? null);
    return before;
  }

  #look(signal: AbortSignal): Promise<AnnotatedRoute> {
    return getObject<AnnotatedRoute>(this.#config.kubectl, this.#name, signal);
  }

  #deploying(side: Side, signal: AbortSignal): Deploying | null {
    const backend: KubernetesBackend = this.#config[side];
    const { deployment } = backend;
    return deployment === null ? null : { kubectl: this.#config.kubectl, backend: { ...backend, deployment }, signal };
  }

  async #strangeImage(route: RouteSplit["route"], signal: AbortSignal): Promise<string | null> {
    const deploying = route.canary === null || route.weight === noWeight ? null : this.#deploying("canary", signal);
    return deploying === null ? null : strangeImage(deploying);
  }

  #says(because: string): string {
    return `the HTTPRoute ${this.#config.namespace}/${this.#config.route}: ${because}`;
  }
}

function servicesOf({ stable, canary }: KubernetesTargetConfig): Readonly<Record<Side, KubernetesBackend>> {
  return { stable, canary };
}

function drawnBy({ canary, weight, fallback }: Route): Split["canary"] {
  return canary === null || weight === noWeight || fallback ? null : { revision: canary, weight };
}

/** Stable alone. */
function restOf(route: Route): Route {
  return { ...route, rollout: null, canary: null, weight: noWeight, history: [] };
}

/** The image that a revision is deployed as; null where its release is no name. */
function imageIn({ contents }: ShiftAction, revision: RevisionId): string | null {
  const release = contents.find(({ id }) => id === revision)?.release;
  return release?.kind === "name" ? release.name : null;
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("unreachable", `the cluster cannot be asked: ${(error as Error).message}`, { cause: error });
}
