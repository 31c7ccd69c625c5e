// The kinds of documents that people and programs write: what is generated for each.

export interface DocumentKind {
  /** The root schema file in schema/. */
  readonly schema: string;
  /** Base name of the generated types and validator. */
  readonly name: string;
  /** The export of the generated types. */
  readonly type: string;
  /** Rooms that get a validator of their own: a room imports only what the house allows it. */
  readonly validators: readonly string[];
}

export const documents: readonly DocumentKind[] = [
  { schema: "spec.schema.json", name: "rollout-config", type: "RolloutConfig", validators: ["config"] },
  { schema: "registry.schema.json", name: "registry", type: "Registry", validators: ["config"] },
];
