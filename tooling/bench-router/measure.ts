/** Nanoseconds and bytes of one call: the best of many rounds, everybody in turn, so that a busy machine is busy for all. */

export interface Measured {
  /** Nanoseconds of each call in the best round. */
  readonly ns: number;
  /** Bytes of each call that are put on the heap: the median of the rounds. */
  readonly bytes: number;
}

export interface Work {
  readonly name: string;
  readonly call: (id: string) => number;
  readonly ids: readonly string[];
  /** Calls of one round. */
  readonly calls: number;
}

export function measured(works: readonly Work[], rounds: number): ReadonlyMap<string, Measured> {
  const loops = works.map((work) => ({ work, loop: loopOf() }));
  const times = new Map(works.map(({ name }) => [name, Number.POSITIVE_INFINITY]));
  for (let round = 0; round < rounds; round++) {
    for (const { work, loop } of loops) {
      const begin = process.hrtime.bigint();
      loop(work.call, work.ids, work.calls);
      const ns = Number(process.hrtime.bigint() - begin) / work.calls;
      times.set(work.name, Math.min(times.get(work.name) ?? ns, ns));
    }
  }
  const bytes = new Map(loops.map(({ work, loop }) => [work.name, bytesOf(work, loop)]));
  return new Map(works.map(({ name }) => [name, { ns: times.get(name) ?? 0, bytes: bytes.get(name) ?? 0 }]));
}

type Loop = (call: (id: string) => number, ids: readonly string[], calls: number) => number;

/** Its sum is handed back, so that no call is left out as useless. A loop for each: one that had called the others would no longer be compiled for its own. */
function loopOf(): Loop {
  return new Function(
    "call",
    "ids",
    "calls",
    "let sum = 0; const mask = ids.length - 1; for (let i = 0; i < calls; i++) sum = (sum + call(ids[i & mask])) | 0; return sum;",
  ) as Loop;
}

function bytesOf(work: Work, loop: Loop): number {
  // What fits into the young heap, so that no collection falls into a round.
  const calls = Math.min(work.calls, 2_000);
  const found = Array.from({ length: 31 }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    loop(work.call, work.ids, calls);
    return process.memoryUsage().heapUsed - before;
  });
  const asked = Array.from({ length: 31 }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    return process.memoryUsage().heapUsed - before;
  });
  // Asking puts something on the heap, too.
  return Math.max(0, middle(found) - middle(asked)) / calls;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
