// What commands need of the world, handed in by the program's entry: commands themselves touch nothing.

import type { Signal } from "../core/model/journal.js";
import type { SourceSpec, StateSpec, TargetSpec } from "../core/model/spec.js";
import type { AgentId, Instant } from "../core/model/units.js";
import type { Calendar } from "../ports/calendar.js";
import type { EvalFormat } from "../ports/eval-format.js";
import type { MetricSource } from "../ports/metric-source.js";
import type { Readiness } from "../ports/readiness.js";
import type { StateStore } from "../ports/state-store.js";
import type { TaskRecorder } from "../ports/task-recorder.js";
import type { TrafficTarget } from "../ports/traffic-target.js";
import type { Watch } from "../ports/watch.js";

export interface World {
  /** Absolute. */
  readonly cwd: string;
  /** A spec file named by the user; null: found upwards from `cwd`. */
  readonly config: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Instant;
  /** Somebody sits at the terminal. */
  readonly interactive: boolean;
  /** Of this process alone. */
  readonly holder: string;
  /** The identity of CI or git. */
  readonly by: () => Promise<string>;
  readonly files: Files;
  readonly open: Openers;
  /** Runs a program of the user's, never through a shell, with its output shown. Answers its exit code. */
  readonly exec: (
    command: readonly string[],
    options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  ) => Promise<number>;
  /** Absolute: where this package lies, with its schema and its runbooks. */
  readonly package: string;
  /** A new folder of its own, absolute. */
  readonly temporary: (prefix: string) => Promise<string>;
  /** The same world seen from another folder, by another clock, as somebody else. */
  readonly elsewhere: (place: Place) => World;
  /** One line of prose about what is happening. */
  readonly say: (line: string) => void;
  /** Set by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
  readonly lastWords: LastWords;
}

/** What is still written when a second signal ends the run on the spot; nobody waits long for it. Answers how to forget it. */
export type LastWords = (words: (signal: Signal) => Promise<void>) => () => void;

export interface Place {
  readonly cwd: string;
  readonly now: () => Instant;
  readonly by: string;
  readonly say: (line: string) => void;
}

/** What a rehearsal needs of the router that agents use. */
export interface RehearsalRouter {
  route(
    session: string,
    options: { readonly startedAt: number; readonly user?: string | null },
  ): { readonly revision: string | null; readonly variant: string; readonly weight: number };
  getModel(
    step: string,
    route: { readonly revision: string | null; readonly variant: string; readonly weight: number },
  ): { readonly model: string } | null;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Paths are absolute. */
export interface Files {
  /** Null where there is no such file. */
  readonly read: (path: string) => Promise<string | null>;
  /** Differs after every write, of the same text too; null where there is no such file. */
  readonly stamp: (path: string) => Promise<string | null>;
  /** Temp, fsync, rename. Makes the folders. */
  readonly write: (path: string, text: string) => Promise<void>;
  /** Names in a folder, sorted; empty where there is none. */
  readonly list: (path: string) => Promise<readonly string[]>;
}

export interface MetricStore extends MetricSource, TaskRecorder {
  /** All records of an agent go on under another name, all or none. Twice is once. */
  rename(from: AgentId, to: AgentId): Promise<void>;
  close(): Promise<void>;
}

/** Paths are absolute. Opened lazily: a command that does not need a part does not pay for it. */
export interface Openers {
  readonly store: (
    state: StateSpec,
    options: { readonly root: string; readonly readOnly: boolean },
  ) => Promise<StateStore>;
  readonly metrics: (path: string, options: { readonly readOnly: boolean }) => Promise<MetricStore>;
  /** A source that is not kept by rollout itself. */
  readonly source: (source: Exclude<SourceSpec, { readonly kind: "embedded" }>, root: string) => Promise<MetricSource>;
  /** Hears of what others write to the state; where its store cannot tell, of nothing. */
  readonly watch: (state: StateSpec, changed: () => void) => Promise<Watch>;
  readonly target: (target: TargetSpec, root: string) => TrafficTarget;
  readonly calendar: () => Promise<Calendar>;
  readonly router: (path: string) => Promise<RehearsalRouter>;
  readonly readiness: () => Readiness;
  readonly evalFormats: () => Promise<readonly EvalFormat[]>;
}
