/** Files that import each other in a circle. Type imports count: a circle of types is still one thing in two files. */
import type { SourceFacts } from "./read-source.js";
import type { Violation } from "./violation.js";

/** One violation for each knot of files that reach each other, told as a shortest way round. */
export function checkCycles(sources: readonly SourceFacts[]): readonly Violation[] {
  const graph = new Map(sources.map(({ file, imports }) => [file, targets(file, imports)] as const));
  const told = new Set<string>();
  const violations: Violation[] = [];
  for (const { file, imports } of sources) {
    if (told.has(file)) continue;
    const circle = shortestCircle(graph, file);
    if (circle === null) continue;
    for (const member of circle) told.add(member);
    violations.push({
      rule: "no-cycles",
      file,
      line: imports.find((fact) => fact.file === circle[1])?.line ?? 1,
      found: `A circle of imports: ${circle.join(" -> ")}.`,
      remedy: "Move what both sides need into a file of its own that imports neither.",
    });
  }
  return violations;
}

function targets(from: string, imports: SourceFacts["imports"]): readonly string[] {
  return imports.flatMap(({ file }) => (file === null || file === from ? [] : [file]));
}

/** Breadth first from the start back to itself; `[a, b, a]` for the smallest circle. */
function shortestCircle(graph: ReadonlyMap<string, readonly string[]>, start: string): readonly string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const current of queue) {
    for (const next of graph.get(current) ?? []) {
      if (next === start) return [...wayTo(cameFrom, start, current), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, current);
      queue.push(next);
    }
  }
  return null;
}

function wayTo(cameFrom: ReadonlyMap<string, string>, start: string, end: string): readonly string[] {
  const way = [end];
  for (let at = end; at !== start; ) {
    at = cameFrom.get(at) ?? start;
    way.unshift(at);
  }
  return way;
}
