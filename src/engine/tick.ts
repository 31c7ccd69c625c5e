// One tick: look, decide, do at most one thing, write it down.

import { invariant } from "../core/diagnostic/invariant.js";
import type { Decision } from "../core/model/decision.js";
import type { Event, EventBody, Operation } from "../core/model/journal.js";
import type { RevisionContent } from "../core/model/revision.js";
import { compareFences, type Route, sameRoute } from "../core/model/route.js";
import type { AgentId, Instant, RevisionId } from "../core/model/units.js";
import type { Situation } from "../core/plan/situation.js";
import { Fault } from "../ports/fault.js";
import { look } from "./look.js";
import { patience } from "./patience.js";
import { soundRules } from "./rules.js";
import type { Charge, Run } from "./run.js";

export interface Tick {
  readonly situation: Situation;
  readonly decision: Decision;
  /** `done`: the decided thing was done; `idle`: there was nothing to do; otherwise why it could not be done. */
  readonly result:
    | { readonly kind: "done" }
    | { readonly kind: "idle" }
    | { readonly kind: "fault"; readonly fault: Fault };
}

/** `halt` may look at what was decided and stop it from being done. A `Fault` ends the tick; the next one starts from the journal again. */
export async function tick(
  run: Run,
  charge: Charge,
  halt: (situation: Situation, decision: Decision) => boolean = () => false,
): Promise<Tick> {
  const { situation, epoch } = await look(run, charge, { remember: true });
  const decision = (run.rules ?? soundRules).next(situation);
  const idle = decision.kind === "wait" || decision.kind === "rest" || run.stop.aborted || halt(situation, decision);
  if (idle) return { situation, decision, result: { kind: "idle" } };
  try {
    await perform(risingFrom(run, situation.sight.now), { charge, situation, epoch, decision });
    return { situation, decision, result: { kind: "done" } };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { situation, decision, result: { kind: "fault", fault: error } };
  }
}

/** A clock that is set back turns no time back: the entries of a tick follow its look, and each other. */
function risingFrom(run: Run, from: Instant): Run {
  let last = from;
  const now = (): Instant => {
    last = Math.max(last, run.doors.now()) as Instant;
    return last;
  };
  return { ...run, doors: { ...run.doors, now } };
}

interface Task {
  readonly charge: Charge;
  readonly situation: Situation;
  readonly epoch: number;
  readonly decision: Decision;
}

async function perform(run: Run, task: Task): Promise<void> {
  const { decision, situation } = task;
  if (decision.kind === "note") {
    await keepContents(run, task.charge, decision.event);
    const { agent, serial, sight } = situation;
    // A verdict can be judged again from the journal alone: its entry bears the time that it was judged at.
    await write(run, { agent, after: serial, at: sight.now }, decision.event);
  }
  if (decision.kind === "act") await shift(run, task, decision.route);
  if (decision.kind === "operate") await operate(run, situation, decision.operation);
}

/** Revision contents are durable before an entry names them. */
async function keepContents(run: Run, { spec }: Charge, event: EventBody): Promise<void> {
  if (spec === null || (event.kind !== "rollout-started" && event.kind !== "agent-adopted")) return;
  await run.doors.store.putRevision(spec.base);
  await run.doors.store.putRevision(spec.revision);
}

/** Law 1: the intent is stored before the target is touched, the end after it was read back. Law 3: the fence is the intent's serial. */
async function shift(run: Run, { charge, situation, epoch }: Task, route: Route): Promise<void> {
  const { agent, state, sight } = situation;
  const settings = state.rollout === null ? charge.spec : null;
  const targetSpec = settings?.target ?? state.target;
  invariant(targetSpec !== null, `${agent} has no target to shift`);
  const contents = await contentsOf(run, charge, [route.stable, route.canary, route.previous]);
  await run.mayAct?.();
  // Raised before the intent is recorded: an engine that stalls here has its append refused, and lands nothing under the new epoch.
  const raised = await epochAbove(run, sight, epoch);
  const serial = await write(run, { agent, after: situation.serial }, { kind: "shift-begun", route });
  const fence = { epoch: raised, serial };
  const target = run.doors.target(targetSpec);
  const session = state.rollout?.session ?? charge.spec?.session;
  const sessionTimeout = session?.timeout ?? defaultTimeout;
  const sessionHeader = session?.header ?? "x-session-id";
  const action = {
    kind: "shift" as const,
    agent,
    route,
    contents,
    lineage: sight.lineage,
    sessionTimeout,
    sessionHeader,
    ...(session?.unit === "user" ? { user: { header: session.userHeader ?? "x-user-id" } } : {}),
  };
  await run.mayAct?.();
  await target.act(action, fence, patience(run));
  const shown = await target.observe(agent, patience(run));
  const isOurs = shown.kind === "serving" && compareFences(shown.fence, fence) === 0 && sameRoute(shown.route, route);
  if (!isOurs) {
    const because = shown.kind === "foreign" || shown.kind === "unreachable" ? `: ${shown.because}` : "";
    throw new Fault("rejected", `${target.describe()} does not show the route that was just put in force${because}`);
  }
  // Sessions are routed and counted by the time in the route: where that is long over, the shift is made again under a true one.
  if (route.weight > 0 && run.doors.now() - sight.now > 4 * run.patience)
    throw new Fault("timeout", `the shift of ${agent} took too long to take force: the next apply sets it again`);
  await write(run, { agent, after: serial }, { kind: "shift-done" });
}

/** Break-glass raises the epoch at the target alone, and the store follows. */
async function epochAbove(run: Run, { live, lineage }: Situation["sight"], epoch: number): Promise<number> {
  const holdsOurs = live.kind === "foreign" || (live.kind === "serving" && live.lineage === lineage);
  const seen = (holdsOurs ? live.fence?.epoch : undefined) ?? 0;
  return seen > epoch ? run.doors.store.raiseEpoch(seen) : epoch;
}

const defaultTimeout = 1_800_000 as never;

async function contentsOf(
  run: Run,
  { spec }: Charge,
  revisions: readonly (RevisionId | null)[],
): Promise<readonly RevisionContent[]> {
  const contents = new Map<RevisionId, RevisionContent>();
  for (const revision of revisions) {
    if (revision === null || contents.has(revision)) continue;
    const inSpec = [spec?.revision, spec?.base].find((content) => content?.id === revision);
    const content = inSpec ?? (await run.doors.store.getRevision(revision));
    if (content !== null && content !== undefined) contents.set(revision, content);
  }
  return [...contents.values()];
}

/** What is not a set is looked up before it is repeated. */
async function operate(run: Run, { agent, serial }: Situation, operation: Operation): Promise<void> {
  const { publisher } = run.doors;
  await run.mayAct?.();
  const begun = await write(run, { agent, after: serial }, { kind: "operation-begun", operation });
  try {
    const found = await publisher.find(operation);
    if (found === null) await run.mayAct?.();
    const result = found ?? (await publisher.perform(operation));
    await write(run, { agent, after: begun }, { kind: "operation-done", id: operation.id, result });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await write(run, { agent, after: begun }, { kind: "operation-failed", id: operation.id, because: error.message });
    throw error;
  }
}

/** Appends one entry and tells the run's listener. Returns its serial. */
export async function write(
  run: Run,
  to: { readonly agent: AgentId; readonly after: number; readonly at?: Instant },
  body: EventBody,
): Promise<number> {
  const event = { at: to.at ?? run.doors.now(), by: run.by, plan: run.plan, ...body } as Event;
  const serial = await run.doors.store.append(to.agent, to.after, event);
  invariant(serial === to.after + 1, "the state store answered a serial that does not follow the last one");
  run.onEvent(to.agent, event);
  return serial;
}
