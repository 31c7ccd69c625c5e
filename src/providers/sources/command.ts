// A program of the user's that answers from wherever the metrics are: one question as JSON in, one answer as JSON out.

import { metricKinds } from "../../core/gate/health-config.js";
import type { SourceBlocks } from "../../core/generated/source-blocks.js";
import type { SourceFigures } from "../../core/generated/source-figures.js";
import type { SourceHistory } from "../../core/generated/source-history.js";
import { metricNames } from "../../core/metric/session-values.js";
import { instantText } from "../../core/model/instant-text.js";
import type { MetricName } from "../../core/model/metric.js";
import type { Duration } from "../../core/model/units.js";
import type { Fault } from "../../ports/fault.js";
import type { BlockQuery, MetricSource, StableHistory, WindowFigures } from "../../ports/metric-source.js";
import { validate as validateBlocks } from "./command/generated/source-blocks.js";
import { validate as validateFigures } from "./command/generated/source-figures.js";
import { validate as validateHistory } from "./command/generated/source-history.js";
import { readBlocks } from "./command/read-blocks.js";
import { pastValues } from "./command/read-samples.js";
import { type ProgramPlace, runProgram } from "./command/run-program.js";
import { type AnswerKind, wrongAnswer, wrongShape } from "./command/wrong-answer.js";

/** Opened by the program's place and limits; nothing is run before the first question. */
export function openCommandSource(place: ProgramPlace): MetricSource {
  return new CommandSource(place);
}

class CommandSource implements MetricSource {
  readonly #place: ProgramPlace;

  constructor(place: ProgramPlace) {
    this.#place = place;
  }

  async blocks(query: BlockQuery, signal: AbortSignal) {
    const { agent, stable, canary, unit, after, cuts, sessionTimeout, now } = query;
    const question = {
      agent,
      stable,
      canary,
      unit,
      after: after === null ? null : instantText(after),
      cuts: cuts.map(({ at, weight }) => ({ at: instantText(at), weight: weight / 100 })),
      session_timeout_sec: sessionTimeout / 1000,
      now: instantText(now),
    };
    const answer = await this.#ask<SourceBlocks>({ kind: "blocks", validate: validateBlocks }, question, signal);
    return readBlocks(answer, query, (at, because) => this.#wrong("blocks", at, because));
  }

  async figures(query: Parameters<MetricSource["figures"]>[0], signal: AbortSignal): Promise<WindowFigures> {
    const { agent, revision, from, to } = query;
    const question = { agent, revision, from: instantText(from), to: instantText(to) };
    const answer = await this.#ask<SourceFigures>({ kind: "figures", validate: validateFigures }, question, signal);
    const values = metricNames.map((name) => [name, this.#figure(name, answer.values[name] ?? null)]);
    return { tasks: answer.tasks, sessions: answer.sessions, values: Object.fromEntries(values) };
  }

  async history(query: Parameters<MetricSource["history"]>[0], signal: AbortSignal): Promise<StableHistory> {
    const { agent, stable, unit, before } = query;
    const question = { agent, stable, unit, before: instantText(before) };
    const answer = await this.#ask<SourceHistory>({ kind: "history", validate: validateHistory }, question, signal);
    const wrong = (name: MetricName, because: string): Fault => this.#wrong("history", `/samples/${name}`, because);
    const samples = metricNames.map((name) => [name, pastValues(name, answer.samples[name], wrong)]);
    return {
      sessionsLastDay: answer.sessions_last_day,
      observed: ((answer.observed_sec ?? 86_400) * 1000) as Duration,
      samples: Object.fromEntries(samples) as StableHistory["samples"],
    };
  }

  #figure(name: MetricName, value: number | null): number | null {
    if (value === null || metricKinds[name] !== "rate" || value <= 1) return value;
    const because = `a rate lies between 0 and 1, and ${value} does not: ${value} % is ${value / 100}`;
    throw this.#wrong("figures", `/values/${name}`, because);
  }

  /** The answer, as its schema says it. */
  async #ask<Answer>(
    { kind, validate }: { readonly kind: AnswerKind; readonly validate: typeof validateBlocks },
    question: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const text = await runProgram(this.#place, JSON.stringify({ format: 1, query: kind, ...question }), signal);
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (error) {
      const because = text.trim() === "" ? "nothing was printed" : `it is not JSON (${(error as Error).message})`;
      throw this.#wrong(kind, "", `${because}; print one JSON object and nothing else, without NaN`);
    }
    if (!validate(answer)) throw this.#wrong(kind, ...wrongShape(validate.errors ?? []));
    return answer as Answer;
  }

  #wrong(kind: AnswerKind, at: string, because: string): Fault {
    return wrongAnswer({ program: this.#place.run, kind, at, because });
  }
}
