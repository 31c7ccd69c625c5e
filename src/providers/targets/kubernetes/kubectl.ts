// Runs kubectl: no shell, a limit for time and output, and next to nothing of this process's environment. Whose credentials it uses is
// kubectl's own business.

import { Fault, type FaultKind } from "../../../ports/fault.js";

export interface ClusterPlace {
  /** The repository's root, absolute: where kubectl is run. */
  readonly root: string;
  readonly namespace: string;
  /** Null: kubectl's current context. */
  readonly context: string | null;
  /** Names of variables that kubectl may see beside the usual ones; they must be set. */
  readonly env: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What kubectl printed. Throws a `Fault`: "conflict" where the cluster says that somebody else wrote. */
export type Kubectl = (args: readonly string[], signal: AbortSignal, input?: string) => Promise<string>;

/** Where kubectl finds its configuration, the way out of a network, and the cluster that a pod runs in. */
const usual = [
  ...["PATH", "HOME", "KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"],
  ...["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"],
];
const patience = 10_000;
const largestAnswer = 16_000_000;
/** What it printed last has so long to arrive. */
const graceMs = 2_000;

export function openKubectl(place: ClusterPlace): Kubectl {
  const { root, namespace, context } = place;
  return async (args, signal, input) => {
    if (signal.aborted) throw new Fault("timeout", "kubectl was not asked: the time was over");
    const { execa } = await import("execa");
    const where = [`--namespace=${namespace}`, ...(context === null ? [] : [`--context=${context}`])];
    const running = execa("kubectl", [...args, ...where, `--request-timeout=${patience / 1000}s`], {
      cwd: root,
      env: environmentOf(place),
      extendEnv: false,
      ...(input === undefined ? { stdin: "ignore" as const } : { input }),
      // It looks at what the cluster offers before it asks: that has its own time.
      timeout: patience + 2_000,
      cancelSignal: signal,
      forceKillAfterDelay: 1_000,
      maxBuffer: largestAnswer,
      reject: false,
    });
    // A credential plug-in may leave something running that holds the output open for ever.
    const letGo = (): void => {
      running.stdout.destroy();
      running.stderr.destroy();
    };
    running.once("exit", () => setTimeout(letGo, graceMs).unref());
    const result = await running;
    if (result.isCanceled) throw new Fault("timeout", `kubectl ${args[0]} was not waited for: the time was over`);
    if (result.timedOut) throw new Fault("timeout", `kubectl ${args[0]} did not end within ${patience / 1000 + 2} s`);
    if (result.exitCode === 0) return String(result.stdout ?? "");
    if (result.exitCode === undefined && result.signal === undefined) {
      const remedy = "install kubectl where rollout runs, and see that PATH leads to it";
      throw new Fault("unreachable", `kubectl cannot be run (${result.code ?? "no reason is given"}): ${remedy}`);
    }
    throw complaint(place, String(result.stderr ?? ""));
  };
}

function environmentOf({ env, environment }: ClusterPlace): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const name of usual) if (environment[name] !== undefined) seen[name] = environment[name];
  for (const name of env) {
    const value = environment[name];
    if (value === undefined)
      throw new Fault("rejected", `target.env names ${name}, which is not set: set it where rollout runs`);
    seen[name] = value;
  }
  return seen;
}

/** The API's reasons, and kubectl's own words, in the order in which they are looked for. */
const complaints: readonly (readonly [pattern: RegExp, kind: FaultKind, remedy: string])[] = [
  [/\(Conflict\)|testing value .* failed|test failed/i, "conflict", ""],
  [/\(Forbidden\)/, "rejected", "give it the role of docs/guide/kubernetes.md"],
  [/\(Unauthorized\)|must be logged in/i, "unreachable", "renew the credentials in its kubeconfig"],
  [/\(NotFound\)/, "rejected", "create it, or correct its name in the spec"],
  [
    /doesn't have a resource type "httproutes?"/,
    "rejected",
    "install the Gateway API's definitions, gateway.networking.k8s.io/v1, in the cluster",
  ],
  [/\(TooManyRequests\)/, "throttled", ""],
  [/\(Timeout\)|\(ServerTimeout\)|deadline exceeded|Client\.Timeout|request canceled|timed out/i, "timeout", ""],
  [/\(Invalid\)|\(BadRequest\)| is invalid|context was not found/i, "rejected", ""],
];

function complaint({ env, environment }: ClusterPlace, text: string): Fault {
  // What it logs of its attempts comes first, each line with a letter, a date and a place in kubectl's source.
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^[EWI]\d{4} /.test(line));
  const said = env
    .map((name) => environment[name] ?? "")
    .filter((value) => value !== "")
    .reduce((so, value) => so.replaceAll(value, "***"), lines.join(" ").trim());
  const [, kind, remedy] = complaints.find(([pattern]) => pattern.test(said)) ?? [null, "unreachable" as const, ""];
  const short = said.length > 300 ? `${said.slice(0, 299)}…` : said === "" ? "nothing" : said;
  return new Fault(kind, `kubectl says: ${short}${remedy === "" ? "" : `; ${remedy}`}`);
}
