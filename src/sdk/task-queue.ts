// Records of finished tasks on their way out: never in the way of the request, and given up rather than piled up.

import { randomUUID } from "node:crypto";
import type { Log } from "./log.js";
import { type TaskRecord, taskLine } from "./task-record.js";

/** Takes lines of JSON. Throws when it could not now; answers why when it never will. */
export type TaskSink = (lines: readonly string[]) => Promise<null | { readonly refused: string }>;

const mostWaiting = 10_000;
const mostAtOnce = 500;
const firstDelayMs = 200;
const longestDelayMs = 60_000;

interface Waiting {
  readonly line: string;
  /** Written down before anybody knew the agent's name. */
  readonly isNameless: boolean;
}

export class TaskQueue {
  readonly #sink: TaskSink;
  readonly #log: Log;
  readonly #agent: () => string | null;
  #waiting: Waiting[] = [];
  #dropped = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #closed = false;

  /** `agent`: whose records they are where they do not say it; null while nobody knows. */
  constructor(sink: TaskSink, log: Log, agent: () => string | null) {
    this.#agent = agent;
    this.#sink = sink;
    this.#log = log;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Never throws. The record is written down at once: what happens to it afterwards does not matter. */
  add(record: TaskRecord): void {
    if (this.#closed) {
      this.#drop(1, "a task record is dropped: the router is closed");
      return;
    }
    try {
      const agent = this.#agent();
      const line = taskLine(record, { id: randomUUID(), agent });
      this.#waiting.push({ line, isNameless: (record.agent ?? agent) === null });
    } catch (error) {
      this.#drop(1, `a task record is dropped: ${String(error)}`);
      return;
    }
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#drop(1, `more than ${mostWaiting} task records wait: the oldest are dropped`);
    }
    this.#schedule();
  }

  /** Sends what waits, until it is sent or one attempt fails. Never throws. */
  async flush(): Promise<void> {
    // What was added while a batch was under way goes with the next one.
    while (this.#sending !== null) await this.#sending;
    this.#sending = this.#send().finally(() => {
      this.#sending = null;
    });
    await this.#sending;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.flush();
    if (this.#waiting.length > 0)
      this.#drop(this.#waiting.length, `${this.#waiting.length} task records were not delivered`);
    this.#waiting = [];
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, mostAtOnce);
      try {
        const answer = await this.#sink(batch.map((one) => this.#named(one)));
        if (answer !== null) this.#drop(batch.length, `${batch.length} task records are dropped: ${answer.refused}`);
        this.#failures = 0;
      } catch (error) {
        if (this.#failures === 0) this.#log(`task records wait: ${String(error)}`);
        this.#failures += 1;
        if (!this.#closed) this.#schedule();
        return;
      }
      // Some of them may have been dropped for want of room meanwhile.
      const sent = new Set(batch);
      this.#waiting = this.#waiting.filter((one) => !sent.has(one));
    }
  }

  /** Throws while nobody knows the agent: no receiver takes a record that is nobody's. */
  #named({ line, isNameless }: Waiting): string {
    if (!isNameless) return line;
    const agent = this.#agent();
    if (agent === null)
      throw new Error("no routing file has named the agent yet; openRouter's option `agent` names it at once");
    return `{"agent":${JSON.stringify(agent)},${line.slice(1)}`;
  }

  #schedule(): void {
    if (this.#timer !== null || this.#closed) return;
    const delay = Math.min(firstDelayMs * 2 ** this.#failures, longestDelayMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, delay);
    // A first attempt is worth a fraction of a second at the end of a process; a receiver that is down is not.
    if (this.#failures > 0) this.#timer.unref();
  }

  #drop(count: number, why: string): void {
    // The first of a kind is news; a flood of them is not.
    if (this.#dropped === 0 || count > 1) this.#log(why);
    this.#dropped += count;
  }
}
