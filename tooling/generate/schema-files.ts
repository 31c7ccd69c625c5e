// The hand-written files of schema/, read as they are.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A JSON Schema, as far as the generator reads it. */
export interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  /** How the text of a scalar is read: the name of a reader in src/config/units. */
  readonly "x-unit"?: string;
  /** A default that depends on something else, in words. */
  readonly "x-default"?: string;
  /** Marks a limit of size for the table of defaults; times are known by their unit. */
  readonly "x-size"?: boolean;
  /** Limits that nobody can set. */
  readonly "x-limits"?: readonly { readonly what: string; readonly value: string }[];
  readonly [keyword: string]: unknown;
}

/** The bundle that editors load lies among its own sources. */
export const bundleFile = "schema/rollout.schema.json";

/** Every schema file by its `$id`, in the order of their names. */
export function readSchemas(root: string): ReadonlyMap<string, Schema> {
  const files = readdirSync(join(root, "schema"), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".schema.json") && `schema/${file}` !== bundleFile)
    .sort();
  return new Map(
    files.map((file) => {
      const schema = JSON.parse(readFileSync(join(root, "schema", file), "utf8")) as Schema;
      if (schema.$id !== file) throw new Error(`schema/${file} must have "$id": "${file}"`);
      return [file, schema] as const;
    }),
  );
}
