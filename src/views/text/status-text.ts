// Where every agent stands: its phase, what serves, what it waits for, and the metrics of both arms.

import { floorText } from "../../core/gate/floor-text.js";
import type { AgentState, Rollout } from "../../core/model/state.js";
import { shortRevision } from "../../core/model/units.js";
import { weightText } from "../amount-text.js";
import { changeText } from "../change-text.js";
import { paragraph } from "../layout.js";
import { metricLines } from "../metric-rows.js";
import { type Phase, phaseOf } from "../phase.js";
import { reasonText } from "../planned-words.js";
import { rampText, stageText } from "../stages-text.js";
import { paint, type Style, type Tone } from "../style.js";
import { durationText, momentText, relativeText } from "../time-text.js";
import type { AgentStatus, StatusView } from "../view.js";
import { drawnLines, pictureCharts } from "./picture-chart.js";
import { pictureLines } from "./picture-lines.js";
import { warningLines } from "./problems-text.js";

const tones: Readonly<Record<Phase, Tone>> = {
  "not adopted": "warn",
  retired: "quiet",
  stable: "good",
  pending: "accent",
  ramping: "accent",
  paused: "warn",
  promoting: "accent",
  "rolling back": "bad",
  withdrawing: "warn",
};

export function statusLines(view: StatusView, style: Style): readonly string[] {
  const lines = view.agents.flatMap((agent) => [...agentLines(agent, style), ...pictureOf(view, agent, style), ""]);
  // Where something could not be read, nobody knows that there is no agent.
  if (view.agents.length === 0 && !view.warnings.some(({ severity }) => severity === "error"))
    lines.push("There is no agent, neither in the spec nor in the state.", "");
  return [...lines, ...drawnLines(view.drawn, style), ...warningLines(view.warnings, style)];
}

function pictureOf(view: StatusView, { picture }: AgentStatus, style: Style): readonly string[] {
  if (picture === null) return [];
  const lines = pictureLines(picture, style, "    ");
  return view.charts ? [...lines, "", ...pictureCharts(picture, style, "  ")] : lines;
}

function agentLines(status: AgentStatus, style: Style): readonly string[] {
  const { state, action, problem } = status;
  const phase = phaseOf(state);
  const say = (text: string, tone: Tone = "plain"): readonly string[] =>
    paragraph(style, text, { indent: "  ", tone, hang: "  " });
  const serving = state.fallback === null ? servingText(state) : paint(style, "bad", "fallback on");
  const head = `${paint(style, "strong", status.agent)}  ${paint(style, tones[phase], phase)}  ${serving}`;
  const lines = [head.trimEnd()];
  if (problem !== null) lines.push(...say(`problem: ${problem}`, "bad"));
  if (state.rollout !== null) lines.push(...rolloutLines(state.rollout, { style, say }));
  if (action !== null && action.kind !== "none") lines.push(...say(`next: ${action.kind}; ${reasonText(action)}`));
  if (action?.earliest != null) lines.push(...say(`earliest ${momentText(action.earliest, style.now)}`));
  for (const warning of action?.warnings ?? []) lines.push(...say(`warning: ${warning}`, "warn"));
  if (action?.hint != null) lines.push(...say(`you can run: ${action.hint}`));
  lines.push(...targetLines(status, say));
  if (status.floors.length > 0) lines.push(...say(`floors: ${status.floors.map(floorText).join(", ")}`));
  if (state.inDoubt)
    lines.push(
      ...say("in doubt: the end of the last shift was never recorded; the next apply sets the target again", "warn"),
    );
  const last = state.finished.at(-1);
  if (state.rollout === null && last !== undefined) {
    lines.push(
      ...say(
        `last rollout ${last.id} to ${shortRevision(last.canary)}: ${last.outcome.replace("-", " ")}, ${relativeText(last.at, style.now)}`,
      ),
    );
  }
  for (const rejection of state.rejected) {
    lines.push(
      ...say(`rejected: ${rejection.changes.map(changeText).join("; ")} (incident ${rejection.incident})`, "warn"),
    );
  }
  return [...lines, ...figureLines(status, style)];
}

function targetLines({ state, target }: AgentStatus, say: Saying["say"]): readonly string[] {
  const shows = `${target.name} shows ${target.shows}`;
  if (state.inForce === null) return say(shows);
  if (target.asWanted) return say(`${shows} (as last put in force)`);
  return say(`${shows} (not what was last put in force: rollout drift)`, "bad");
}

function servingText(state: AgentState): string {
  const { stable, rollout, inForce } = state;
  if (stable === null) return "";
  if (rollout === null) return shortRevision(stable);
  const weight = inForce?.canary === rollout.canary ? inForce.weight : 0;
  return `${weightText(weight)} on ${shortRevision(rollout.canary)}, stable ${shortRevision(stable)}`;
}

interface Saying {
  readonly style: Style;
  readonly say: (text: string, tone?: Tone) => readonly string[];
}

function rolloutLines(rollout: Rollout, { style, say }: Saying): readonly string[] {
  const attempt = rollout.attempt > 1 ? `, attempt ${rollout.attempt}` : "";
  const standing = `${stageText(rollout.stages, rollout.stage)}, for ${durationText(style.now - rollout.since)}`;
  const lines = [...say(`rollout ${rollout.id}${attempt}: ${standing}`), ...say(`ramp ${rampText(rollout.stages)}`)];
  for (const change of rollout.changes) lines.push(...say(changeText(change)));
  if (rollout.paused !== null)
    lines.push(...say(`paused ${relativeText(rollout.paused.since, style.now)}: ${rollout.paused.because}`, "warn"));
  if (rollout.turned !== null)
    lines.push(...say(`turned back (${rollout.turned.cause}): ${rollout.turned.because}`, "bad"));
  for (const { stage, kind, by, because } of rollout.exemptions) {
    lines.push(
      ...say(
        `unproven: ${stageText(rollout.stages, stage)} was left without a pass (${kind}, ${by}): ${because}`,
        "warn",
      ),
    );
  }
  return lines;
}

function figureLines({ stable, canary, window }: AgentStatus, style: Style): readonly string[] {
  const measured = [stable, canary].some((arm) => arm !== null && arm.tasks + arm.sessions > 0);
  const say = (text: string): readonly string[] => paragraph(style, text, { indent: "  ", tone: "quiet", hang: "  " });
  if (!measured) return say(`no telemetry in the last ${window}`);
  return [
    ...say(`the last ${window}, for display; gates use everything since the rollout began`),
    ...metricLines(style, { stable, canary }, "    "),
  ];
}
