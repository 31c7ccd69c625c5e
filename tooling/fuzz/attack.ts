/** One reader before many hostile texts: what it must never do. */
import fc from "fast-check";
import { anyStep, anyText, mutated, type Step } from "./hostile-text.js";
import type { Reader } from "./readers.js";

export interface Attack {
  readonly seed: number;
  readonly runs: number;
  /** Milliseconds after which no new text is tried. */
  readonly lasts: number;
}

/** A text of a few kilobytes that takes longer than this hangs, on a busy machine too. */
const patience = 10_000;
/** Nobody reads more, and a log should not be filled. */
const longest = 20_000;
const mostProblems = 1_000;

/** The failure with the seed and the smallest text that shows it; null: the reader held. */
export function attack(reader: Reader, { seed, runs, lasts }: Attack): string | null {
  const steps = fc.array(anyStep, { minLength: 1, maxLength: 4 });
  const text = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(fc.nat(reader.seeds.length - 1), steps).map(([index, list]) => fromSeed(reader, index, list)),
    },
    { weight: 1, arbitrary: anyText },
  );
  const details = fc.check(
    fc.property(text, (hostile) => hold(reader, hostile)),
    { seed, numRuns: runs, interruptAfterTimeLimit: lasts, markInterruptAsFailure: false },
  );
  if (!details.failed) return null;
  const shown = JSON.stringify(details.counterexample?.[0] ?? "");
  const because = details.errorInstance instanceof Error ? details.errorInstance.stack : String(details.errorInstance);
  return `${reader.name}, seed ${seed}: ${because}\nthe text: ${shown.slice(0, 2_000)}`;
}

function fromSeed(reader: Reader, index: number, steps: readonly Step[]): string {
  return mutated(reader.seeds[index] ?? "", steps);
}

/** Throws where the reader throws, hangs, floods, or leaves something behind in the prototypes of all objects. */
export function hold(reader: Reader, text: string): void {
  const begun = performance.now();
  const problems = reader.read(text);
  const took = performance.now() - begun;
  if (took > patience) throw new Error(`it took ${Math.round(took)} ms over ${text.length} characters`);
  if (problems.length > mostProblems) throw new Error(`it told ${problems.length} problems`);
  for (const problem of problems) {
    if (problem.trim() === "") throw new Error("it told a problem without a word");
    if (problem.length > longest) throw new Error(`it told a problem of ${problem.length} characters`);
  }
  demandCleanPrototypes();
}

const clean = new Map(
  [Object.prototype, Array.prototype, Function.prototype].map((prototype) => [prototype, ownNames(prototype)]),
);

function ownNames(prototype: object): string {
  return Reflect.ownKeys(prototype).map(String).join(" ");
}

function demandCleanPrototypes(): void {
  for (const [prototype, names] of clean)
    if (ownNames(prototype) !== names) throw new Error("it changed the prototype of all objects");
}
