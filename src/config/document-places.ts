// Where the keys and values of a YAML text stand, found when somebody asks: a spec without a mistake needs no places.

import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import type { ConfigDocument, TextRange } from "./document.js";

export function placesIn(contents: Node | null): ConfigDocument["rangesOf"] {
  const indices = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();
  const pairOf = (map: YAMLMap, key: unknown): Pair | undefined => {
    const index = indices.get(map) ?? indexed(map);
    indices.set(map, index);
    return index.get(key);
  };
  return (path) => {
    let node: unknown = contents;
    let key: TextRange | null = null;
    for (const part of path) {
      if (isMap(node)) {
        const pair = pairOf(node, part);
        if (pair === undefined) return null;
        key = headOf((pair.key as Node).range);
        node = pair.value;
      } else if (isSeq(node) && typeof part === "number") {
        key = null;
        node = node.items[part];
        if (node === null || node === undefined) return null;
      } else return null;
    }
    if (path.length === 0) return null;
    const value = node === null ? null : headOf((node as Node).range);
    if (key === null) return value === null ? null : { key, value };
    return { key, value: value === null || value[0] === value[1] ? key : value };
  };
}

/** Of two pairs with one key the first counts; the second is refused. */
function indexed(map: YAMLMap): ReadonlyMap<unknown, Pair> {
  const index = new Map<unknown, Pair>();
  for (const pair of map.items) {
    if (isScalar(pair.key) && !index.has(pair.key.value)) index.set(pair.key.value, pair);
  }
  return index;
}

export function headOf(range: readonly [number, number, number] | null | undefined): TextRange {
  return range ? [range[0], range[1]] : [0, 0];
}
