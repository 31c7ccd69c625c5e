/** What the benchmark prints. */

export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly reached: boolean;
}

export function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function heading(first: string, columns: readonly string[]): void {
  console.log(`\n${first.padStart(8)} ${columns.map((column) => column.padStart(14)).join(" ")}`);
}

export function row(first: string | number, cells: readonly string[]): void {
  console.log(`${String(first).padStart(8)} ${cells.map((cell) => cell.padStart(14)).join(" ")}`);
}

export function show(goals: readonly Goal[]): void {
  const width = Math.max(...goals.map(({ name }) => name.length));
  console.log("");
  for (const { name, wanted, measured, reached } of goals) {
    console.log(`${reached ? "reached    " : "NOT reached"}  ${name.padEnd(width)}  ${measured} (${wanted})`);
  }
}

/** Milliseconds. `cpu`: of this process, user and system together; a busy machine stretches `wall` alone. */
export interface Took {
  readonly wall: number;
  readonly cpu: number;
}

export async function timed(work: () => unknown): Promise<Took> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - wall, cpu: (user + system) / 1000 };
}

/** The quickest by the processor's time. */
export function best(runs: readonly Took[]): Took {
  return runs.reduce((least, run) => (run.cpu < least.cpu ? run : least));
}
