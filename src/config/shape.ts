// What reading knows of the schema beside the validator: which keys a map may have, and which scalars have a reader.

import type { Unit } from "./units/parse-unit.js";

export interface Shape {
  /** The keys of a map that knows all of its keys. */
  readonly keys?: Readonly<Record<string, Shape>>;
  /** Of a map whose keys depend on its `kind`: which keys go with each. */
  readonly kinds?: Readonly<Record<string, readonly string[]>>;
  /** Every value of a map whose keys people choose. */
  readonly each?: Shape;
  /** Every item of a list. */
  readonly items?: Shape;
  readonly unit?: Unit;
  /** The scalar may also be a map or a list. */
  readonly mixed?: true;
  /** A text that the pattern of this scalar accepts. */
  readonly like?: unknown;
}

/** The shape of what stands at a path; null where the schema knows nothing. */
export function shapeAt(shape: Shape, path: readonly (string | number)[]): Shape | null {
  let node: Shape | undefined = shape;
  for (const part of path) {
    node = typeof part === "number" ? node?.items : (node?.keys?.[part] ?? node?.each);
  }
  return node ?? null;
}
