// What the authors want, parsed and complete: no defaults left to apply.

import type { Floor } from "./floor.js";
import type { Stage } from "./gate.js";
import type { RevisionContent } from "./revision.js";
import type { RoutingRule, RoutingUnit } from "./route.js";
import type { AgentId, Digest, Duration } from "./units.js";

export interface Spec {
  /** Digest of everything in here: what a saved plan is bound to. */
  readonly digest: Digest;
  readonly state: StateSpec;
  readonly agents: Readonly<Record<string, AgentSpec>>;
}

/** A path is relative to the repository's root. An address with a password never stands here: its variable's name does. */
export type StateSpec =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly from: "address"; readonly url: string }
  | { readonly kind: "postgres"; readonly from: "environment"; readonly variable: string }
  /** `kept`: the folder of the repository outlives a run and is the same for all; `fresh`: every run has a checkout of its own. */
  | { readonly kind: "git"; readonly branch: string; readonly workspace: "fresh" | "kept" };

export interface AgentSpec {
  readonly agent: AgentId;
  /** The desired revision: registry + overrides + release + prompts + tools. */
  readonly revision: RevisionContent;
  /** The same without the overrides: what adoption takes. */
  readonly base: RevisionContent;
  /** Steps whose desired entry comes from an override. */
  readonly overrides: readonly string[];
  readonly target: TargetSpec;
  readonly source: SourceSpec;
  readonly strategy: string;
  readonly stages: readonly Stage[];
  /** What either arm is watched against, with a rollout or without. */
  readonly floors: readonly Floor[];
  readonly session: SessionSpec;
  readonly algo: RoutingRule;
  readonly budget: Budget;
  readonly onDrift: "correct" | "report";
  readonly onNewRevision: "queue" | "supersede";
  readonly restoreWithin: Duration;
  readonly runbook: string | null;
  readonly evals: EvalsSpec;
  /** Warnings that every plan shows, such as a skipped gate's reason. */
  readonly notices: readonly string[];
}

/** Paths are relative to the repository's root; a socket may be absolute. `path` is the routing file, which every kind writes. */
export type TargetSpec =
  | { readonly kind: "snapshot"; readonly path: string }
  | { readonly kind: "haproxy"; readonly path: string; readonly map: string; readonly socket: string }
  | {
      readonly kind: "nginx";
      readonly path: string;
      readonly include: string;
      readonly status: string;
      readonly reload: readonly string[];
    }
  | KubernetesTarget
  | FlagdTarget
  | LitellmTarget
  | {
      readonly kind: "command";
      readonly path: string;
      readonly run: readonly string[];
      readonly timeout: Duration;
      readonly env: readonly string[];
    };

/** Null: kubectl's current context, no ConfigMap, sessions that stay together. `env`: variables that kubectl may see. */
export interface KubernetesTarget {
  readonly kind: "kubernetes";
  readonly path: string;
  readonly namespace: string;
  readonly context: string | null;
  readonly route: string;
  readonly stable: KubernetesBackend;
  readonly canary: KubernetesBackend;
  readonly configMap: string | null;
  /** Why each request may be drawn by itself. */
  readonly unsticky: string | null;
  readonly env: readonly string[];
}

/** Null: rollout deploys nothing here; the pods' only container. */
export interface KubernetesBackend {
  readonly service: string;
  readonly port: number;
  readonly deployment: string | null;
  readonly container: string | null;
}

/** `key`: the attribute of the evaluation context that is drawn by; null: the usual one of the routing unit. */
export interface FlagdTarget {
  readonly kind: "flagd";
  readonly path: string;
  readonly flags: string;
  readonly key: string | null;
}

/** Null: nobody asks LiteLLM what it serves; it asks for no key. `key`: the name of the variable that holds one. */
export interface LitellmTarget {
  readonly kind: "litellm";
  readonly path: string;
  readonly include: string;
  /** The first whose `models` takes a model counts. */
  readonly providers: readonly LitellmProvider[];
  readonly reload: readonly string[];
  readonly url: string | null;
  readonly key: string | null;
}

/** How models are called at their provider: `models` with `*` for any characters, `as` with `{model}` and `{version}`. */
export interface LitellmProvider {
  readonly models: string;
  readonly as: string;
  /** Of LiteLLM's `litellm_params`; keys are references such as `os.environ/ANTHROPIC_API_KEY`. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

/** `run`: the program and its arguments, run from the repository's root; `env`: names of variables that it may see. */
export type SourceSpec =
  | { readonly kind: "embedded" }
  | {
      readonly kind: "command";
      readonly run: readonly string[];
      readonly timeout: Duration;
      readonly env: readonly string[];
    };

export interface SessionSpec {
  readonly header: string;
  readonly timeout: Duration;
  /** What is routed and counted as one. */
  readonly unit: RoutingUnit;
  /** The header that carries the user's id; absent where the unit is the session. */
  readonly userHeader?: string;
}

/** A task over any of these is not a success. Null: no limit. */
export interface Budget {
  readonly costUsd: number | null;
  readonly llmCalls: number | null;
  readonly latencySec: number | null;
}

export interface EvalsSpec {
  /** Paths relative to the repository's root; `{agent}` and `{digest}` are already the agent's where they can be. */
  readonly results: string | null;
  /** `pass_rate`, `mean_score` or the name of a metric; null: what the file gives when nobody asks. */
  readonly score: string | null;
  readonly resultsByDigest: string;
  readonly baseline: string;
  readonly commit: "direct" | "branch" | "none";
}
