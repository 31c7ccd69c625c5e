// Many files to one schema that stands alone: every reference leads to a named definition inside.
import type { Schema } from "./schema-files.js";

/** The schema `id` with everything that it refers to under `$defs`, named by title. */
export function bundleSchema(schemas: ReadonlyMap<string, Schema>, id: string): Schema {
  const found = new Map<string, { readonly key: string; schema: Schema | null }>();

  const resolve = (reference: string, from: string): string => {
    const [file = "", pointer = ""] = reference.split("#");
    const target = file === "" ? from : joinId(from, file);
    const key = `${target}#${pointer}`;
    const known = found.get(key);
    if (known !== undefined) return known.key;
    const schema = locate(schemas, target, pointer);
    const name = schema.title ?? pointer.split("/").at(-1) ?? "";
    if (name === "") throw new Error(`${key} is referred to and has no title`);
    if ([...found.values()].some((other) => other.key === name)) throw new Error(`two definitions are called ${name}`);
    const entry = { key: name, schema: null as Schema | null };
    found.set(key, entry);
    const { $id: _id, $schema: _schema, $defs: _defs, ...own } = schema;
    entry.schema = rewrite(own, target) as Schema;
    return name;
  };
  const rewrite = (node: unknown, from: string): unknown => {
    if (Array.isArray(node)) return node.map((item) => rewrite(item, from));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => {
        if (key === "$ref") return [key, `#/$defs/${resolve(String(value), from)}`];
        return [key, key === "default" || key === "examples" ? value : rewrite(value, from)];
      }),
    );
  };

  const { $id: _id, $defs: _defs, ...root } = locate(schemas, id, "");
  const body = rewrite(root, id) as Schema;
  const definitions = [...found.values()].map(({ key, schema }) => [key, schema] as const);
  definitions.sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...body, $defs: Object.fromEntries(definitions) as Record<string, Schema> };
}

/** A copy in which `change` has seen every schema node, the outermost first. Defaults, examples and constants are data and stay. */
export function mapSchema(node: Schema, change: (schema: Schema) => Schema): Schema {
  const below = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => mapSchema(item as Schema, change));
    return typeof value === "object" && value !== null ? mapSchema(value as Schema, change) : value;
  };
  const named = (value: object): unknown =>
    Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, below(schema)]));
  const copy = Object.entries(change(node)).map(([key, value]) => {
    if (key === "properties" || key === "$defs") return [key, named(value as object)];
    return [key, schemaKeywords.includes(key) ? below(value) : value];
  });
  return Object.fromEntries(copy) as Schema;
}

const schemaKeywords = ["items", "anyOf", "allOf", "additionalProperties", "propertyNames", "if", "then", "else"];

/** What `$ref` leads to inside a bundle, with the keywords beside the reference on top. */
export function follow(bundle: Schema, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.replace("#/$defs/", "");
  const target = bundle.$defs?.[name];
  if (target === undefined) throw new Error(`${schema.$ref} leads nowhere`);
  const { $ref: _ref, ...beside } = schema;
  return follow(bundle, { ...target, ...beside });
}

function locate(schemas: ReadonlyMap<string, Schema>, id: string, pointer: string): Schema {
  let node: unknown = schemas.get(id);
  if (node === undefined) throw new Error(`there is no schema/${id}`);
  for (const part of pointer.split("/").slice(1)) node = (node as Record<string, unknown>)[part];
  if (node === undefined) throw new Error(`schema/${id} has no ${pointer}`);
  return node as Schema;
}

/** Relative ids are resolved as paths are. */
function joinId(from: string, to: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of to.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
