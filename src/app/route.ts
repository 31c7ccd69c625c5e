// `rollout route`: where a session goes now, and why; with a file, how many go where.

import { resolve } from "node:path";
import { instantText } from "../core/model/instant-text.js";
import type { Route, RoutingUnit } from "../core/model/route.js";
import type { TargetSpec } from "../core/model/spec.js";
import {
  type AgentId,
  fullWeight,
  type Instant,
  type Json,
  type RevisionId,
  shortRevision,
  type Weight,
} from "../core/model/units.js";
import { chooseVariant, prepareRoute, type Variant, weightAt } from "../core/routing/choose.js";
import { sessionStart } from "../core/routing/session-start.js";
import { look, targetInUse } from "../engine/look.js";
import { countText, percentText, weightText } from "../views/amount-text.js";
import { stampText } from "../views/time-text.js";
import type { Answer } from "../views/view.js";
import { refuse } from "./refusal.js";
import { chargeOf, runOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface RouteArguments {
  readonly agent: string;
  /** Null: the ids of the file are counted. */
  readonly session: string | null;
  /** One id on each line: of users where users are drawn. */
  readonly from: string | null;
  /** Null: read from the id, where it carries a time. */
  readonly startedAt: Instant | null;
  readonly user: string | null;
}

/** What is obeyed, and who says so. */
interface Obeyed {
  readonly agent: AgentId;
  readonly route: Route;
  readonly unit: RoutingUnit;
  readonly source: string;
  /** What draws by a rule of its own, which cannot be foretold here; null: the router's rule is what counts. */
  readonly drawnBy: string | null;
  readonly now: Instant;
}

interface Where {
  readonly variant: Variant;
  readonly revision: RevisionId | null;
  /** The weight that counted. */
  readonly weight: Weight;
  readonly startedAt: Instant | null;
}

export async function routeSessions(world: World, args: RouteArguments): Promise<Answer> {
  const ids = args.from === null ? null : await idsIn(world, args.from);
  const obeyed = await obeyedBy(world, args.agent);
  return ids === null ? one(obeyed, args) : many(obeyed, ids, args.startedAt);
}

async function idsIn(world: World, name: string): Promise<readonly string[]> {
  const text = await world.files.read(resolve(world.cwd, name));
  if (text === null) return refuse("file/missing", { detail: `There is no file "${name}".`, about: name });
  const ids = text.split(/\r?\n/);
  // The end of the last line begins no other; an empty line before it is a session without an id.
  return ids.at(-1) === "" ? ids.slice(0, -1) : ids;
}

/** What the target shows; what was last put in force where it shows nothing of ours. */
async function obeyedBy(world: World, name: string): Promise<Obeyed> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const charge = await chargeOf(session, name);
    const run = await runOf(session, { person: true, plan: null, reads: true });
    const { situation } = await look(run, charge, { remember: false });
    const { state, sight } = situation;
    const { live, lineage } = sight;
    const isShown = live.kind === "serving" && live.lineage === lineage;
    const route = isShown ? live.route : state.inForce;
    if (route === null) {
      return refuse("agent/nothing-in-force", {
        detail: `Nothing was put in force for ${charge.agent} yet, so no session of it is routed.`,
        hint: `rollout adopt ${charge.agent}`,
        about: charge.agent,
      });
    }
    const unit = (state.rollout?.session ?? charge.spec?.session)?.unit ?? "session";
    const unread =
      live.kind === "unreachable" ? `the target cannot be read (${live.because})` : "the target shows nothing of ours";
    const source = isShown ? "the target" : `the journal: ${unread}`;
    const drawnBy = drawerOf(targetInUse(charge.spec, state));
    return { agent: charge.agent, route, unit, source, drawnBy, now: world.now() };
  });
}

function drawerOf(target: TargetSpec | null): string | null {
  switch (target?.kind) {
    case "haproxy":
    case "nginx":
      return target.kind;
    case "command":
      return "the target program";
    case "kubernetes":
      return target.unsticky === null ? null : "the gateway, for each request";
    default:
      return null;
  }
}

/** Null where the router's rule decides, or nothing is drawn. */
function drawnElsewhere({ drawnBy, route }: Obeyed): string | null {
  const isDrawn = !route.fallback && route.canary !== null && route.weight > 0 && route.weight < fullWeight;
  if (drawnBy === null || !isDrawn) return null;
  return `Requests are drawn by ${drawnBy}, by a rule of its own: this is where the agent's router sends them that asks without x-rollout-revision.`;
}

function whereOf({ route, now }: Obeyed, key: string, startedAt: Instant | null): Where {
  const weight = weightAt(route, startedAt, now);
  const variant = chooseVariant(prepareRoute(route), key, weight);
  const revision = variant === "fallback" ? null : variant === "canary" ? route.canary : route.stable;
  return { variant, revision, weight, startedAt };
}

function one(obeyed: Obeyed, args: RouteArguments): Answer {
  const { agent, route, unit, source, now } = obeyed;
  const session = args.session ?? "";
  const key = unit === "user" ? (args.user ?? "") : session;
  const where = whereOf(obeyed, key, args.startedAt ?? sessionStart(session, now));
  const revision = where.revision === null ? "" : ` ${shortRevision(where.revision)}`;
  const start = startOf(where, args, route);
  const elsewhere = drawnElsewhere(obeyed);
  const reasons = [reasonOf(obeyed, where, key), start, `Read from ${source}.`, elsewhere].filter(
    (one) => one !== null,
  );
  const data: { readonly [key: string]: Json } = {
    agent,
    session,
    user: args.user,
    unit,
    variant: where.variant,
    revision: where.revision,
    weight_basis_points: where.weight,
    started_at: where.startedAt === null ? null : instantText(where.startedAt),
    because: reasons,
  };
  const title = `${agent}: ${session === "" ? "a session without an id" : session} goes to ${where.variant}${revision}.`;
  return { view: { kind: "message", lines: [title, ...reasons], data }, exit: 0 };
}

function reasonOf({ route, unit }: Obeyed, { variant, weight }: Where, key: string): string {
  if (variant === "fallback") return "The fallback is on, and takes every session.";
  if (route.canary === null) return "There is no canary.";
  if (key === "") return `A session without ${unit === "user" ? "a user" : "an id"} always goes to stable.`;
  const drawn = route.algo === "md5-100" ? "md5-100" : `murmur3-32 with the salt ${route.salt}`;
  const outcome = variant === "canary" ? "is within" : "is not within";
  return `By ${drawn}, this ${unit} ${outcome} the canary's ${weightText(weight)}.`;
}

/** Which weight counted, where more than one was in force. */
function startOf({ startedAt, weight, variant }: Where, args: RouteArguments, route: Route): string | null {
  if (variant === "fallback" || route.canary === null) return null;
  if (startedAt === null) return "When it started is not known, so the weight in force now counts.";
  const told = args.startedAt === null ? "as its id tells" : "as was said";
  return `It started at ${stampText(startedAt)}, ${told}: the weight that counts for it is ${weightText(weight)}, of ${weightText(route.weight)} now.`;
}

function many(obeyed: Obeyed, ids: readonly string[], startedAt: Instant | null): Answer {
  const { agent, route, unit, source, now } = obeyed;
  const counts: Record<Variant, number> = { stable: 0, canary: 0, fallback: 0 };
  for (const id of ids) {
    const start = startedAt ?? (unit === "user" ? null : sessionStart(id, now));
    counts[whereOf(obeyed, id, start).variant] += 1;
  }
  const rows = (["stable", "canary", "fallback"] as const)
    .filter((variant) => counts[variant] > 0)
    .map((variant) => `  ${variant.padEnd(8)}  ${counts[variant]} (${percentText(counts[variant] / ids.length)})`);
  const lines = [
    `${agent}: ${countText(ids.length, unit)}, the canary at ${weightText(route.weight)}.`,
    ...rows,
    `Read from ${source}.`,
    ...[drawnElsewhere(obeyed)].filter((one) => one !== null),
  ];
  const data = { agent, unit, weight_basis_points: route.weight, ids: ids.length, ...counts };
  return { view: { kind: "message", lines, data }, exit: 0 };
}
