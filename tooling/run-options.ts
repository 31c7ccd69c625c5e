// What every long run of ours is told: `--for 10m --seed 4711`, and flags of its own.

const lengths: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

export interface RunOptions {
  readonly lastsMs: number;
  /** The first seed; by the clock where none is given. */
  readonly first: number;
  /** Every word behind a flag of this name. */
  readonly all: (flag: string) => readonly string[];
}

/** Null where the length or the seed is none. `usual`: how long it lasts where nothing is said, as in `1m`. */
export function runOptions(words: readonly string[], usual: string): RunOptions | null {
  const all = (flag: string): readonly string[] =>
    words.flatMap((word, index) => (word === flag ? [words[index + 1] ?? ""] : []));
  const [, amount, unit = ""] = /^(\d+)(s|m|h)$/.exec(all("--for")[0] ?? usual) ?? [];
  const first = Number(all("--seed")[0] ?? Date.now() % 1_000_000_000);
  if (amount === undefined || !Number.isInteger(first)) return null;
  return { lastsMs: Number(amount) * (lengths[unit] ?? 0), first, all };
}
