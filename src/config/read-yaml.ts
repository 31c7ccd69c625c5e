// Step one: YAML text to plain values with their places. Everything that could surprise is refused.

import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type YAMLMap } from "yaml";
import { type ConfigDocument, rangeSpan, type TextRange } from "./document.js";
import { headOf, placesIn } from "./document-places.js";
import type { Report } from "./report.js";

/** What a document may be made of: more is a mistake, or an attack that unfolds aliases into aliases. */
export const yamlLimits = { textBytes: 4_000_000, depth: 40, nodes: 400_000, aliasedNodes: 5_000 } as const;

interface Source {
  readonly file: string;
  readonly text: string;
}

/** Null where the text is no document at all; duplicates and refused keys are reported and left out, so that reading goes on. */
export function readYaml(source: Source, report: Report): ConfigDocument | null {
  const complain = complainer(source, report);
  if (source.text.length > yamlLimits.textBytes) {
    complain("config/too-large", "The file is larger than 4 MB.", [0, 0]);
    return null;
  }
  const documents = parseOrNull(source.text);
  if (documents === null) {
    complain("config/too-large", `The values of this file are nested deeper than ${yamlLimits.depth} levels.`, [0, 0]);
    return null;
  }
  const [first, second] = documents;
  if (second !== undefined) {
    complain(
      "config/several-documents",
      'A line "---" begins a second document here, and nothing would read it.',
      headOf(second.range),
    );
    return null;
  }
  const syntax = first?.errors ?? [];
  for (const { message, pos } of syntax) complain("config/yaml-syntax", `${message}.`, pos);
  for (const { message, pos } of first?.warnings ?? []) complain("config/yaml-syntax", `${message}.`, pos);
  if (syntax.length > 0) return null;
  const converter = new Converter(complain);
  const contents = first?.contents ?? null;
  const value = converter.convert(contents, 0, null);
  return converter.exhausted ? null : { ...source, value, rangesOf: placesIn(contents) };
}

type Complain = (code: Parameters<Report["addAt"]>[0]["code"], detail: string, range: TextRange, hint?: string) => void;

function complainer(source: Source, report: Report): Complain {
  return (code, detail, range, hint) => {
    if (!report.isFull()) report.addAt({ code, detail, hint: hint ?? null, span: rangeSpan(source, range) });
  };
}

/** The parser recurses: a text of nothing but brackets would end its stack. */
function parseOrNull(text: string): ReturnType<typeof parseAllDocuments> | null {
  try {
    // The parser compares every key with every other; what stands twice is found below.
    return parseAllDocuments(text, { prettyErrors: false, logLevel: "silent", merge: false, uniqueKeys: false });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Walks the nodes in the order of the text, so that an anchor is known before its aliases. */
class Converter {
  exhausted = false;
  readonly #complain: Complain;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #nodes = 0;
  #aliasedNodes = 0;

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  /** `through` is the place of the outermost alias that led here; null for what stands in the text itself. */
  convert(node: unknown, depth: number, through: TextRange | null): unknown {
    if (this.exhausted || node === null || node === undefined) return null;
    if (!this.#within(node as Node, depth, through)) return null;
    if (isAlias(node)) return this.#follow(node.source, depth, through ?? headOf(node.range));
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, node as Node);
    if (isScalar(node)) return node.value;
    this.#open.add(node as Node);
    const value = isMap(node) ? this.#map(node, depth, through) : this.#list(node, depth, through);
    this.#open.delete(node as Node);
    return value;
  }

  #map(map: YAMLMap, depth: number, through: TextRange | null): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const pair of map.items) {
      const key = this.#key(pair, value, through);
      if (key === null) continue;
      value[key] = this.convert(pair.value, depth + 1, through);
    }
    return value;
  }

  #list(list: unknown, depth: number, through: TextRange | null): unknown[] {
    if (!isSeq(list)) return [];
    return list.items.map((item) => this.convert(item, depth + 1, through));
  }

  /** Null where the pair is refused. */
  #key(pair: Pair, known: Readonly<Record<string, unknown>>, through: TextRange | null): string | null {
    const range = through ?? headOf((pair.key as Node | null)?.range);
    const key = isScalar(pair.key) ? pair.key.value : undefined;
    if (typeof key !== "string") {
      const written = isScalar(pair.key) ? String(pair.key.source ?? key) : null;
      this.#complain(
        "config/key-not-text",
        "Keys are plain texts here.",
        range,
        written === null ? undefined : `Write "${written}" in quotes.`,
      );
      return null;
    }
    if (key === "<<") {
      this.#complain(
        "config/merge-key",
        "Maps are not merged here: a reader could not tell which of two values is in force.",
        range,
        "Use the alias for a whole value: `steps: *steps`.",
      );
      return null;
    }
    if (key in {} || key === "prototype") {
      this.#complain(
        "config/refused-key",
        `"${key}" is a name that programs give a meaning of its own, and is never a key here.`,
        range,
      );
      return null;
    }
    if (Object.hasOwn(known, key)) {
      this.#complain(
        "config/duplicate-key",
        `"${key}" stands twice in this map, and only one of them could be in force.`,
        range,
      );
      return null;
    }
    return key;
  }

  #follow(name: string, depth: number, range: TextRange): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#complain("config/yaml-syntax", `There is no anchor "&${name}" above this alias.`, range);
      return null;
    }
    if (this.#open.has(target)) {
      this.#complain(
        "config/too-large",
        `The alias "*${name}" stands inside its own anchor and would never end.`,
        range,
      );
      return null;
    }
    return this.convert(target, depth, range);
  }

  #within(node: Node, depth: number, through: TextRange | null): boolean {
    this.#nodes += 1;
    if (through !== null) this.#aliasedNodes += 1;
    const excess =
      depth > yamlLimits.depth
        ? `The values are nested deeper than ${yamlLimits.depth} levels.`
        : this.#aliasedNodes > yamlLimits.aliasedNodes
          ? `The aliases unfold to more than ${yamlLimits.aliasedNodes} values.`
          : this.#nodes > yamlLimits.nodes
            ? `The file holds more than ${yamlLimits.nodes} values.`
            : null;
    if (excess === null) return true;
    this.exhausted = true;
    this.#complain("config/too-large", excess, through ?? headOf(node.range));
    return false;
  }
}
