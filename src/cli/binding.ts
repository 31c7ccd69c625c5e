// What a command is to the command line: its words, its help, and the few lines that hand its arguments to the app.

import type { World } from "../app/world.js";
import type { Answer, PlanView } from "../views/view.js";

export interface Binding {
  /** `["gate", "eval"]` for `rollout gate eval`. */
  readonly words: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** In the notation of help: `<agent>`, `[agents...]`. */
  readonly arguments: readonly { readonly name: string; readonly text: string }[];
  readonly options: readonly { readonly flags: string; readonly text: string; readonly default?: string }[];
  /** A whole line, without a prompt. */
  readonly example: string;
  /** Does not exist yet: left out of the help. */
  readonly notYet?: boolean;
  /** Its answer to problems is its result, and belongs on stdout. */
  readonly answersProblems?: true;
  /** Its text repeats what was reported on the way: then people see only the newest line while it runs. */
  readonly repeatsProgress?: true;
  /** Seconds between two looks, sooner where the state tells that somebody wrote to it; null: one look. */
  readonly repeat?: (input: Input) => number | null;
  readonly run: (world: World, input: Input) => Promise<Answer>;
}

/** What was typed, by position and by the camel-cased long name of the option. */
export interface Input {
  readonly argument: (index: number) => string | null;
  /** A variadic argument. */
  readonly list: (index: number) => readonly string[];
  readonly text: (name: string) => string | null;
  /** An option that takes several values, or is given several times. */
  readonly texts: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  /** A whole number from 1 on; throws a `UsageProblem` for anything else. */
  readonly count: (name: string) => number | null;
  /** `30m`, `6h`, `7d` in milliseconds; throws a `UsageProblem` for anything else. */
  readonly duration: (name: string) => number | null;
  /** A line of a long report, as it happens: on stdout, or on stderr beside a document. */
  readonly print: (line: string) => void;
  /** What the program can be asked to do. */
  readonly known: { readonly commands: readonly Binding[]; readonly options: readonly string[] };
  /** Asks a person, who must write `yes`. */
  readonly ask: (question: string) => Promise<boolean>;
  /** Shows a plan and asks a person whether it is to be applied. */
  readonly confirm: (view: PlanView) => Promise<boolean>;
}
