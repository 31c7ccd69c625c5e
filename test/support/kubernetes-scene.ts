// An agent's objects in the double, as the guide's manifest makes them, and a target that points there.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { parseAllDocuments } from "yaml";
import type { LiveState, Route } from "../../src/core/model/route.js";
import type { KubernetesTarget } from "../../src/core/model/spec.js";
import type { ShiftAction, TrafficTarget } from "../../src/ports/traffic-target.js";
import { openCopy } from "../../src/providers/targets/kubernetes/config-map.js";
import { openKubectl } from "../../src/providers/targets/kubernetes/kubectl.js";
import kubernetesTarget from "../../src/providers/targets/kubernetes.js";
import snapshotTarget from "../../src/providers/targets/snapshot.js";
import { type KubernetesApi, type Stored, type StoredRule, startKubernetesApi } from "./kubernetes-api.js";
import { agent, canary, outside, shift } from "./proxied.js";

const objects = ["HTTPRoute", "Deployment", "ConfigMap"];

/** What the guide's manifest makes that rollout reads or writes. */
function guideObjects(): readonly Stored[] {
  const guide = readFileSync(new URL("../../docs/guide/kubernetes.md", import.meta.url), "utf8");
  const manifests = [...guide.matchAll(/```yaml manifest\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  return manifests
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Stored))
    .filter(({ kind = "" }) => objects.includes(kind));
}

export function applyGuide(api: KubernetesApi): void {
  for (const object of guideObjects())
    api.put(`${object.kind?.toLowerCase()}s/${object.metadata.name}`, structuredClone(object));
}

interface Scene {
  readonly api: KubernetesApi;
  /** The folder of the routing file. */
  readonly root: string;
}

const kubernetes: KubernetesTarget = {
  kind: "kubernetes",
  path: "live/support.json",
  namespace: "agents",
  context: null,
  route: "support",
  stable: { service: "support", port: 80, deployment: "support", container: null },
  canary: { service: "support-canary", port: 80, deployment: "support-canary", container: null },
  configMap: null,
  unsticky: null,
  env: [],
};

export function clusterTarget({ api, root }: Scene, change: Partial<KubernetesTarget> = {}): TrafficTarget {
  const target = { ...kubernetes, ...change };
  const kubectl = openKubectl({ ...target, root, environment: api.env });
  const file = snapshotTarget.open({ root, path: target.path }, outside);
  const copied = { kubectl, file, path: resolve(root, target.path), now: outside.now };
  const { configMap: name } = target;
  const contents = name === null ? file : openCopy({ ...copied, name });
  return kubernetesTarget.open({ ...target, kubectl, contents }, outside);
}

function routingFile(root: string): string {
  return join(root, "live/support.json");
}

/** A cluster as the guide makes it, new for each test of a file, and what tests do there. */
export class Cluster implements Scene {
  #api: KubernetesApi | null = null;
  #root = "";
  /** Registers what has to happen before and after the tests of the file. */
  constructor() {
    beforeAll(async () => {
      this.#api = await startKubernetesApi();
    }, 120_000);
    afterAll(() => this.#api?.stop());
    beforeEach(() => {
      this.#root = mkdtempSync(join(tmpdir(), "rollout-cluster-"));
      this.api.clear();
      applyGuide(this.api);
      return () => rmSync(this.#root, { recursive: true, force: true });
    });
  }

  get api(): KubernetesApi {
    if (this.#api === null) throw new Error("the cluster is there while a test runs");
    return this.#api;
  }

  get root(): string {
    return this.#root;
  }

  get routingFile(): string {
    return routingFile(this.#root);
  }

  open(change: Partial<KubernetesTarget> = {}): TrafficTarget {
    return clusterTarget(this, change);
  }

  put(weight: number, serial: number, change: Partial<Route> = {}, of: Partial<KubernetesTarget> = {}): Promise<void> {
    return this.open(of).act(shift(weight, change), { epoch: 1, serial }, signal);
  }

  /** The same of revisions that are images. */
  release(weight: number, serial: number, change: Partial<Route> = {}, until = signal): Promise<void> {
    return this.open().act(released(weight, change), { epoch: 1, serial }, until);
  }

  live(of: Partial<KubernetesTarget> = {}): Promise<LiveState> {
    return this.open(of).observe(agent, signal);
  }

  rules(): readonly StoredRule[] {
    return this.api.read("httproutes/support").spec?.rules ?? [];
  }

  /** What was changed, in order. */
  changes(): readonly string[] {
    return this.api.asked.filter(({ verb }) => verb !== "get").map(({ verb, object }) => `${verb} ${object}`);
  }

  /** Comes when an object was looked at so often from now on: somebody waits for it. */
  afterLooks(object: string, looks: number): AbortSignal {
    const controller = new AbortController();
    let left = looks;
    this.api.hook = (asked) => {
      if (asked.verb === "get" && asked.object === object && --left === 0) controller.abort();
      return undefined;
    };
    return controller.signal;
  }

  imageOf(deployment: string): string | undefined {
    return this.api.read(`deployments/${deployment}`).spec?.template?.spec.containers[0]?.image;
  }
}

const signal = new AbortController().signal;

/** A route without a canary. */
export const rest = { canary: null, rollout: null, history: [] };

/** The guide's image is the first version. */
export function image(version: number): string {
  return `images.example.com/support:1.4.${version - 1}`;
}

/** A shift of revisions that are the first version (stable) and the second (canary). */
export function released(weight: number, change: Partial<Route> = {}): ShiftAction {
  const action = shift(weight, change);
  const contents = action.contents.map((content) => {
    return { ...content, release: { kind: "name", name: image(content.id === canary ? 2 : 1) } as const };
  });
  return { ...action, contents };
}
