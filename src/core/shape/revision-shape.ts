// What the kept content of a revision must look like.

import { anything, listOf, mapOf, object, oneOf, orNull, type Shape, text, truth } from "./shape.js";

const file = { path: text, blob: text };
const release: Shape = (value, place) =>
  object({ kind: oneOf("paths", "name") })(value, place) ??
  ((value as { readonly kind: string }).kind === "name"
    ? object({ name: text })
    : object({ files: listOf(object(file)) }))(value, place);

export const revisionShape: Shape = object({
  id: text,
  agent: text,
  steps: mapOf(object({ model: text, version: text, params: mapOf(anything) })),
  prompts: listOf(object({ ...file, name: text, text })),
  tools: listOf(object(file)),
  release: orNull(release),
  origin: object({ commit: orNull(text), dirty: truth }),
});
