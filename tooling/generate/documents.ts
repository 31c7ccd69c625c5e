// The kinds of documents that people and programs write, and what is generated for each.

export interface DocumentKind {
  /** The root schema file in schema/. */
  readonly schema: string;
  /** How the reference calls it. */
  readonly heading: string;
  /** What the code of the product needs of it; null: the schema is for people and other programs alone. */
  readonly code: {
    /** Base name of the generated modules. */
    readonly name: string;
    /** The export of the generated types. */
    readonly type: string;
    /** Below src/, the folder of the code that reads it: the validator is its own. */
    readonly reader: "config" | "providers/sources/command";
  } | null;
}

export const documents: readonly DocumentKind[] = [
  {
    schema: "spec.schema.json",
    heading: "rollout.config.yaml",
    code: { name: "rollout-config", type: "RolloutConfig", reader: "config" },
  },
  {
    schema: "registry.schema.json",
    heading: "Registry",
    code: { name: "registry", type: "Registry", reader: "config" },
  },
  { schema: "eval-results/plain.schema.json", heading: "Eval results, plain", code: null },
  { schema: "eval-results/line.schema.json", heading: "Eval results, one line for each trial", code: null },
  { schema: "eval-results/stamped.schema.json", heading: "Eval results, stamped", code: null },
  { schema: "baseline.schema.json", heading: "Eval baseline", code: null },
  { schema: "task-record.schema.json", heading: "Task record", code: null },
  { schema: "session-record.schema.json", heading: "Session record", code: null },
  { schema: "source-query.schema.json", heading: "Question to a command source", code: null },
  {
    schema: "source-answers/blocks.schema.json",
    heading: "Answer of a command source: blocks",
    code: { name: "source-blocks", type: "SourceBlocks", reader: "providers/sources/command" },
  },
  {
    schema: "source-answers/figures.schema.json",
    heading: "Answer of a command source: figures",
    code: { name: "source-figures", type: "SourceFigures", reader: "providers/sources/command" },
  },
  {
    schema: "source-answers/history.schema.json",
    heading: "Answer of a command source: history",
    code: { name: "source-history", type: "SourceHistory", reader: "providers/sources/command" },
  },
  { schema: "runbook.schema.json", heading: "Runbook front matter", code: null },
  { schema: "snapshot.schema.json", heading: "Routing snapshot", code: null },
  { schema: "plan.schema.json", heading: "Plan file", code: null },
];
