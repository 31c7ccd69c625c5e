/** What is generated is fresh, complete and deterministic. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { generateAll } from "../../tooling/generate/all.js";
import { bundleSchema, follow } from "../../tooling/generate/bundle-schema.js";
import { documents } from "../../tooling/generate/documents.js";
import { readSchemas, type Schema } from "../../tooling/generate/schema-files.js";

let outputs: ReadonlyMap<string, string> = new Map();
beforeAll(async () => {
  outputs = await generateAll(".");
}, 60_000);

test("every generated file is what `npm run generate` writes", () => {
  const stale = [...outputs].filter(([file, text]) => !existsSync(file) || readFileSync(file, "utf8") !== text);
  expect(stale.map(([file]) => file)).toEqual([]);
});

test("nothing else lies in the folders of generated files", () => {
  const found = ["src/core/generated", "src/config/generated", "docs/reference"].flatMap((folder) =>
    readdirSync(folder).map((file) => join(folder, file)),
  );
  expect(found.filter((file) => !outputs.has(file))).toEqual([]);
});

test("twice gives the same bytes", { timeout: 60_000 }, async () => {
  expect(await generateAll(".")).toEqual(outputs);
});

describe("the schema", () => {
  const schemas = readSchemas(".");
  const bundles = documents.map(({ schema }) => [schema, bundleSchema(schemas, schema)] as const);

  test("is read by a document, every file of it", () => {
    const titles = new Set(bundles.flatMap(([, bundle]) => [bundle.title, ...Object.keys(bundle.$defs ?? {})]));
    // The shape of JSON answers is written, not read: test/views holds every view to it.
    const readable = [...schemas].filter(([file]) => !file.startsWith("views/"));
    const unread = readable.filter(([, { title, $defs }]) => {
      const inner = Object.entries($defs ?? {}).map(([key, definition]) => definition.title ?? key);
      return ![title, ...inner].some((name) => titles.has(name));
    });
    expect(unread.map(([file]) => file)).toEqual([]);
  });

  test.each(bundles)(
    "%s describes every key, with an example, and with a default where it may be left out",
    (_, bundle) => {
      expect(keysWithoutWords(bundle)).toEqual([]);
    },
  );

  test.each([...schemas])("%s does without the keywords that are mistranslated", (_, schema) => {
    expect(JSON.stringify(schema)).not.toMatch(/"(?:prefixItems|unevaluatedProperties)":/);
  });
});

/** Keys of every map in the bundle that lack a description, an example, or a word about being left out. */
function keysWithoutWords(bundle: Schema): readonly string[] {
  const maps = [["", bundle] as const, ...Object.entries(bundle.$defs ?? {})];
  return maps.flatMap(([name, schema]) => lacking(bundle, schema, name));
}

function lacking(bundle: Schema, schema: Schema, path: string): readonly string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const node = follow(bundle, property);
    const optional = !(schema.required ?? []).includes(key);
    const silent = optional && node.default === undefined && node["x-default"] === undefined;
    const lacks = [
      ...(node.description ? [] : ["description"]),
      ...(node.examples?.length ? [] : ["examples"]),
      ...(silent ? ["default"] : []),
    ];
    return lacks.map((word) => `${path}.${key}: ${word}`);
  });
  const inner: readonly Schema[] = [
    ...(schema.anyOf ?? []),
    ...Object.values(schema.properties ?? {}),
    ...(typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : []),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  return [...own, ...inner.flatMap((below) => (below.$ref === undefined ? lacking(bundle, below, path) : []))];
}
