// Every generated file with its text. Deterministic: the same sources give the same bytes.
import { notYet } from "../../src/config/not-yet.js";
import { bundleSchema } from "./bundle-schema.js";
import { generateDefaultsPage } from "./defaults-page.js";
import { generateDiagnosticsPage, readDiagnostics } from "./diagnostics-page.js";
import { documents } from "./documents.js";
import { generateEditorSchema } from "./editor-schema.js";
import { generateTypes } from "./generate-types.js";
import { generateReference } from "./reference-page.js";
import { bundleFile, readSchemas } from "./schema-files.js";
import { generateShape } from "./shape.js";
import { generateValidator } from "./validators.js";

/** Path to text, for the tree at `root`. */
export async function generateAll(root: string): Promise<ReadonlyMap<string, string>> {
  const schemas = readSchemas(root);
  const pages = documents.map((document) => ({ document, bundle: bundleSchema(schemas, document.schema) }));
  const outputs = new Map<string, string>();
  for (const { document, bundle } of pages) {
    if (document.code === null) continue;
    const { name, type, reader } = document.code;
    outputs.set(`src/core/generated/${name}.ts`, await generateTypes(bundle, type, document.schema));
    outputs.set(`src/${reader}/generated/${name}.ts`, generateValidator(bundle, document.schema, reader));
    if (reader === "config") outputs.set(`src/config/generated/${name}-shape.ts`, generateShape(bundle, name));
  }
  outputs.set(bundleFile, generateEditorSchema(bundleSchema(schemas, "spec.schema.json")));
  outputs.set("docs/reference/config.md", generateReference(pages, notYet));
  outputs.set("docs/reference/defaults.md", generateDefaultsPage(pages));
  outputs.set("docs/reference/diagnostics.md", generateDiagnosticsPage(await readDiagnostics(root)));
  return outputs;
}
