// Every generated file with its text. Deterministic: the same sources give the same bytes.
import { bundleSchema } from "./bundle-schema.js";
import { documents } from "./documents.js";
import { generateEditorSchema } from "./editor-schema.js";
import { bundleFile, readSchemas } from "./schema-files.js";
import { generateShape } from "./shape.js";
import { generateTypes } from "./types.js";
import { generateValidator } from "./validators.js";

export async function generateAll(root: string): Promise<ReadonlyMap<string, string>> {
  const schemas = readSchemas(root);
  const outputs = new Map<string, string>();
  for (const document of documents) {
    const bundle = bundleSchema(schemas, document.schema);
    outputs.set(`src/core/generated/${document.name}.ts`, await generateTypes(bundle, document.type, document.schema));
    for (const room of document.validators) {
      outputs.set(`src/${room}/generated/${document.name}.ts`, generateValidator(bundle, document.schema));
    }
    if (document.validators.includes("config")) {
      outputs.set(`src/config/generated/${document.name}-shape.ts`, generateShape(bundle, document.name));
    }
  }
  outputs.set(bundleFile, generateEditorSchema(bundleSchema(schemas, "spec.schema.json")));
  return outputs;
}
