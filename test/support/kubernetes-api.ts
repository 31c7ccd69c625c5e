// A double of the Kubernetes API on loopback: what kubectl needs to find its way, and objects that are read, patched and replaced as the
// API's documents say: versions, conflicts, defaults, refusals. Its two controllers (of deployments, of gateways) act at once.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { applyPatch, DoesNotApply, type Operation } from "./json-patch.js";
import { defaulted, invalidity } from "./kubernetes-rules.js";
import { systemProgram } from "./system-program.js";

/** What the double and its callers touch of objects; the rest is kept as it is. */
export interface Stored {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name?: string;
    namespace?: string;
    resourceVersion?: string;
    generation?: number;
    annotations?: Record<string, string>;
  };
  spec?: {
    rules?: StoredRule[];
    replicas?: number;
    template?: { spec: { containers: { name: string; image: string }[] } };
  };
  status?: Record<string, unknown>;
  data?: Record<string, string>;
}

export interface StoredRule {
  name?: string;
  matches?: { path?: StoredPair; headers?: (StoredPair & { name: string })[] }[];
  filters?: StoredFilter[];
  backendRefs?: { name: string; port?: number; weight?: number; filters?: StoredFilter[] }[];
}

interface StoredPair {
  type?: string;
  value: string;
}

export interface StoredFilter {
  type: string;
  requestHeaderModifier?: { set?: { name: string; value: string }[] };
}

export interface Asked {
  readonly verb: "get" | "patch" | "update";
  /** `httproutes/support`. */
  readonly object: string;
  readonly body: string;
}

export interface KubernetesApi {
  /** For kubectl: its configuration, and a home of its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  /** Everything that was asked of objects, in order. */
  readonly asked: Asked[];
  /** Told before a request is answered: others act here, or answer in the API's place by a status. */
  hook: ((asked: Asked) => Promise<Refusal | undefined> | Refusal | undefined) | null;
  /** Whether the pods of a deployment get its newest image. */
  deploys: boolean;
  /** Whether the gateway looks at routes. */
  gateway: boolean;
  read(object: string): Stored;
  /** As somebody else would: with a new version. */
  change(object: string, change: (found: Stored) => void): void;
  put(object: string, value: Omit<Stored, "metadata"> & Partial<Pick<Stored, "metadata">>): void;
  clear(): void;
  stop(): Promise<void>;
}

export interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: object;
}

const kinds: Readonly<Record<string, { readonly group: string; readonly version: string; readonly kind: string }>> = {
  configmaps: { group: "", version: "v1", kind: "ConfigMap" },
  deployments: { group: "apps", version: "apps/v1", kind: "Deployment" },
  httproutes: { group: "gateway.networking.k8s.io", version: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
};

export async function startKubernetesApi(): Promise<KubernetesApi> {
  systemProgram("kubectl", "kubernetes-client");
  const folder = mkdtempSync(join(tmpdir(), "rollout-kubernetes-"));
  const objects = new Map<string, Stored>();
  let version = 100;
  const settle = (name: string): void => {
    const found = objects.get(name);
    if (found === undefined) return;
    const before = structuredClone(found.status ?? null);
    if (name.startsWith("deployments/") && api.deploys) deploy(found);
    if (name.startsWith("httproutes/") && api.gateway) accept(found);
    if (!isDeepStrictEqual(before, found.status ?? null)) found.metadata.resourceVersion = String(++version);
  };
  const store = (name: string, value: Stored): Stored => {
    const before = objects.get(name);
    const next = defaulted(value);
    const { resourceVersion: _, generation: __, ...metadata } = next.metadata;
    const same = {
      ...next,
      metadata: {
        ...next.metadata,
        resourceVersion: before?.metadata.resourceVersion,
        generation: before?.metadata.generation,
      },
    };
    if (before !== undefined && isDeepStrictEqual(same, before)) return before;
    const isNewSpec = before === undefined || !isDeepStrictEqual(before.spec, next.spec);
    const generation = (before?.metadata.generation ?? 0) + (isNewSpec ? 1 : 0);
    objects.set(name, { ...next, metadata: { ...metadata, generation, resourceVersion: String(++version) } });
    settle(name);
    return objects.get(name) ?? next;
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  writeFileSync(join(folder, "config"), kubeconfig(url));
  const api: KubernetesApi = {
    env: { PATH: process.env.PATH ?? "", HOME: folder, KUBECONFIG: join(folder, "config") },
    url,
    asked: [],
    hook: null,
    deploys: true,
    gateway: true,
    read: (object) => structuredClone(objects.get(object) ?? { metadata: {} }),
    change: (object, change) => {
      const next = structuredClone(objects.get(object) ?? { metadata: {} });
      change(next);
      store(object, next);
    },
    put: (object, value) => {
      objects.delete(object);
      const [kind = "", name = ""] = object.split("/");
      const { version: apiVersion, kind: kindName } = kinds[kind] ?? { version: "", kind: "" };
      store(object, {
        apiVersion,
        kind: kindName,
        ...value,
        metadata: { name, namespace: "agents", ...value.metadata },
      });
    },
    clear: () => {
      objects.clear();
      Object.assign(api, { hook: null, deploys: true, gateway: true });
      api.asked.length = 0;
    },
    stop: () => stopped(server, folder),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const piece of request) body += piece;
    const path = (request.url ?? "").split("?")[0] ?? "";
    const say = (code: number, value: unknown): void => {
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    const refuse = ({ code, reason, message }: Refusal, details: object = {}): void =>
      say(code, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code });
    const offered = discovery(path);
    if (offered !== null) return say(200, offered);
    const match = /\/namespaces\/agents\/(\w+)\/([^/]+)$/.exec(path);
    const [, kind = "", name = ""] = match ?? [];
    const verb = request.method === "PATCH" ? "patch" : request.method === "PUT" ? "update" : "get";
    const object = `${kind}/${name}`;
    const asked: Asked = { verb, object, body };
    api.asked.push(asked);
    const meant = await api.hook?.(asked);
    if (meant !== undefined) return refuse(meant);
    settle(object);
    const found = objects.get(object);
    const { group = "" } = kinds[kind] ?? {};
    const full = group === "" ? kind : `${kind}.${group}`;
    if (found === undefined)
      return refuse({ code: 404, reason: "NotFound", message: `${full} "${name}" not found` }, { name, group, kind });
    if (verb === "get") return say(200, found);
    const next = written({ verb, kind, body, type: request.headers["content-type"] ?? "" }, found);
    if ("code" in next) return refuse(next, next.details);
    const given = next.metadata?.resourceVersion;
    if (given !== undefined && given !== found.metadata.resourceVersion) {
      const message = `Operation cannot be fulfilled on ${full} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
      return refuse({ code: 409, reason: "Conflict", message }, { name, group, kind });
    }
    const wrong = invalidity(next);
    if (wrong !== null) {
      const kindName = kinds[kind]?.kind ?? kind;
      const message = `${kindName}.${group} "${name}" is invalid: ${wrong.field}: ${wrong.message}`;
      const causes = [{ reason: "FieldValueInvalid", ...wrong }];
      return refuse({ code: 422, reason: "Invalid", message }, { name, group, kind: kindName, causes });
    }
    say(200, store(object, next));
  }
  return api;
}

interface Writing {
  readonly verb: string;
  readonly kind: string;
  readonly body: string;
  /** The body's. */
  readonly type: string;
}

/** What a request makes of an object, or how it is refused. */
function written({ verb, kind, body, type }: Writing, found: Stored): Stored | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { code: 400, reason: "BadRequest", message: (error as Error).message };
  }
  if (verb === "update") return value as Stored;
  if (type.startsWith("application/json-patch+json")) {
    try {
      return applyPatch(found, value as readonly Operation[]) as Stored;
    } catch (error) {
      if (!(error instanceof DoesNotApply)) throw error;
      const message = "the server rejected our request due to an error in our request";
      const causes = [{ reason: "UnexpectedServerResponse", message: error.message }];
      return { code: 422, reason: "Invalid", message, details: { causes } };
    }
  }
  const isStrategic = type.startsWith("application/strategic-merge-patch+json");
  // Custom resources have no strategic merge.
  if (kind === "httproutes" && isStrategic) {
    const accepted = "application/json-patch+json, application/merge-patch+json";
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
    return { code: 415, reason: "UnsupportedMediaType", message };
  }
  return merged(found, value, isStrategic) as Stored;
}

/** RFC 7386; a strategic merge finds the items of a list by their names. */
function merged(from: unknown, patch: unknown, isStrategic: boolean): unknown {
  if (isStrategic && Array.isArray(patch) && Array.isArray(from)) {
    const named = (items: readonly unknown[], item: unknown) => items.find((other) => nameOf(other) === nameOf(item));
    const kept = from.map((item) => {
      const change = named(patch, item);
      return change === undefined ? item : merged(item, change, true);
    });
    return [...kept, ...patch.filter((item) => named(from, item) === undefined)];
  }
  if (!isPlain(patch)) return patch;
  const next: Record<string, unknown> = isPlain(from) ? { ...from } : {};
  for (const [key, value] of Object.entries(patch).filter(([name]) => !name.startsWith("$"))) {
    if (value === null) delete next[key];
    else next[key] = merged(next[key], value, isStrategic);
  }
  return next;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameOf(item: unknown): unknown {
  return isPlain(item) ? item.name : item;
}

/** All pods run the newest image, at once. */
function deploy(found: Stored): void {
  const pods = found.spec?.replicas ?? 1;
  const counts = { replicas: pods, updatedReplicas: pods, availableReplicas: pods };
  found.status = { ...found.status, observedGeneration: found.metadata.generation, ...counts };
}

/** The gateway has looked at the route, and found its services. */
function accept(route: Stored): void {
  const { generation: observedGeneration } = route.metadata;
  const seen = (type: string) => ({ type, status: "True", observedGeneration, reason: type });
  const parentRef = { name: "gateway" };
  route.status = { parents: [{ parentRef, conditions: [seen("Accepted"), seen("ResolvedRefs")] }] };
}

function discovery(path: string): object | null {
  if (path === "/version") return { major: "1", minor: "32", gitVersion: "v1.32.0" };
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"] };
  if (path === "/apis") {
    const groups = [...new Set(Object.values(kinds).filter(({ group }) => group !== ""))].map(({ group, version }) => {
      const offered = { groupVersion: version, version: version.split("/")[1] };
      return { name: group, versions: [offered], preferredVersion: offered };
    });
    return { kind: "APIGroupList", apiVersion: "v1", groups };
  }
  const version = path.replace(/^\/apis?\//, "");
  const resources = Object.entries(kinds).filter(([, kind]) => kind.version === version);
  if (resources.length === 0) return null;
  const verbs = ["get", "list", "patch", "update"];
  return {
    ...{ kind: "APIResourceList", groupVersion: version },
    resources: resources.map(([name, { kind }]) => ({
      name,
      singularName: kind.toLowerCase(),
      namespaced: true,
      kind,
      verbs,
    })),
  };
}

function kubeconfig(url: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{ name: double, cluster: { server: "${url}" } }]
contexts: [{ name: double, context: { cluster: double } }]
current-context: double
`;
}

async function stopped(server: Server, folder: string): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  // kubectl writes its cache of what the cluster offers beside us.
  await pause(0);
  rmSync(folder, { recursive: true, force: true });
}
