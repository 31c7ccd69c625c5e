// What holds for every format of eval results.

import assert from "node:assert/strict";
import type { EvalFile, EvalFormat, EvalQuestion, EvalReport } from "../../ports/eval-format.js";
import type { Law } from "../law.js";

export interface EvalFormatBench {
  readonly format: EvalFormat;
  /** Files as the tool wrote them, and what they say when nothing is asked for by name. */
  readonly golden: readonly { readonly file: EvalFile; readonly report: Partial<EvalReport> }[];
  /** The first file with fields that no version of the tool has. */
  readonly stranger: EvalFile;
  /** Cut here, a file is whole again: between two lines, say. */
  readonly wholeAt: (text: string, length: number) => boolean;
}

const anything: EvalQuestion = { score: null, provider: null };

function read({ format }: EvalFormatBench, file: EvalFile): EvalReport {
  const answer = format.read(file, anything);
  assert.ok(answer.ok, `${file.name}: ${answer.ok ? "" : answer.problems.map(({ detail }) => detail).join(" ")}`);
  return answer.value;
}

/** A few dozen places spread over the text, its ends among them. */
function cuts(text: string): readonly number[] {
  const end = text.trimEnd().length;
  return Array.from({ length: 40 }, (_, index) => Math.floor(((end - 1) * index) / 39));
}

export const evalFormatLaws: readonly Law<EvalFormatBench>[] = [
  {
    name: "golden reports give their golden numbers, twice the same",
    async check(bench) {
      for (const { file, report } of bench.golden) {
        assert.ok(bench.format.recognizes(file), `${file.name} is not recognized`);
        assert.deepEqual({ ...read(bench, file), ...report }, read(bench, file));
        assert.deepEqual(read(bench, file), read(bench, file));
      }
    },
  },
  {
    name: "a score is a decimal between 0 and 1, and errors have none",
    async check(bench) {
      for (const { file } of bench.golden) {
        const { score, byItem, unscored, passed, failed } = read(bench, file);
        if (score !== null) assert.match(score, /^(?:0(?:\.\d+)?|1)$/);
        for (const item of unscored) assert.ok(byItem === null || !Object.hasOwn(byItem, item), item);
        for (const value of Object.values(byItem ?? {})) assert.ok(value >= 0 && value <= 1);
        if (byItem !== null) assert.equal(score === null, passed + failed === 0);
      }
    },
  },
  {
    name: "unknown fields are tolerated",
    async check(bench) {
      const [first] = bench.golden;
      assert.ok(first !== undefined);
      assert.deepEqual(read(bench, bench.stranger), read(bench, first.file));
    },
  },
  {
    name: "torn files are refused with a place, and never read as whole",
    async check(bench) {
      for (const { file } of bench.golden) {
        for (const length of cuts(file.text)) {
          if (bench.wholeAt(file.text, length)) continue;
          const answer = bench.format.read({ name: file.name, text: file.text.slice(0, length) }, anything);
          assert.ok(!answer.ok, `the first ${length} characters of ${file.name} were read`);
          for (const { span } of answer.problems) assert.ok(span !== null && span.line > 0 && span.column > 0);
        }
      }
    },
  },
];
