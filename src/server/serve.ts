// `rollout serve`: the same apply on a heartbeat, and the doors by which telemetry comes in. On loopback unless told otherwise.

import { serve as listen, type ServerType } from "@hono/node-server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { apply } from "../app/apply.js";
import { appProblem } from "../app/diagnostics.js";
import { type TelemetryDoor, withDoor } from "../app/door.js";
import { answering, Refusal, refuse } from "../app/refusal.js";
import { status } from "../app/status.js";
import type { World } from "../app/world.js";
import { Fault } from "../ports/fault.js";
import { renderJson } from "../views/render-json.js";
import { renderText } from "../views/render-text.js";
import type { Answer } from "../views/view.js";
import { isCron, startScheduler } from "./scheduler.js";

export interface ServeArguments {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Cron expression, in UTC. */
  readonly schedule: string;
  /** Told where it listens, once it does. */
  readonly onListening?: (url: string) => void;
}

const largestBody = 8 * 1024 * 1024;

/** Ends when the world is asked to stop: the apply in flight is finished first. */
export async function serve(world: World, args: ServeArguments): Promise<Answer> {
  if (!isCron(args.schedule)) {
    refuse("serve/bad-schedule", {
      detail: `"${args.schedule}" is not a cron expression of five or six fields.`,
      hint: 'rollout serve --schedule "*/5 * * * *"',
    });
  }
  return withDoor(world, async (door) => {
    const server = await listening(routes(world, door, isLoopback(args.host)), args);
    const url = `http://${server.host.includes(":") ? `[${server.host}]` : server.host}:${server.port}`;
    world.say(`listening on ${url}: POST /v1/tasks, POST /v1/sessions, GET /v1/status, GET /healthz`);
    if (!isLoopback(server.host))
      world.say(
        "warning: this is not loopback, and whoever reaches it can report tasks: keep it behind your own proxy",
      );
    world.say(`rollout apply --auto-approve runs now and at "${args.schedule}" (UTC)`);
    const scheduler = startScheduler(args.schedule, beats(world));
    args.onListening?.(url);
    await stopped(world.stop);
    await scheduler.stop();
    await server.close();
    return { view: { kind: "message", lines: ["stopped"], data: { url } }, exit: 0 };
  });
}

function isLoopback(host: string): boolean {
  return host === "::1" || host === "localhost" || host.startsWith("127.");
}

/** One scheduled apply after the other. What goes wrong is tried again at the next beat, and said once for as long as it stays the same. */
function beats(world: World): () => Promise<void> {
  const unattended = { ...world, interactive: false };
  let trouble: string | null = null;
  return async () => {
    const { text, exit, moved } = await beat(unattended);
    if (moved || (exit !== 0 && text !== trouble)) world.say(text);
    trouble = exit === 0 ? null : text;
  };
}

async function beat(world: World): Promise<{ readonly text: string; readonly exit: number; readonly moved: boolean }> {
  try {
    const args = { agents: [], file: null, autoApprove: true, confirm: async () => false };
    const { view, exit } = await answering(() => apply(world, args));
    const moved = view.kind === "apply" && view.agents.some((agent) => agent.done.length > 0);
    const text = renderText(view, { color: false, width: 120, now: world.now(), unicode: true }).trimEnd();
    return { text, exit, moved };
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { text: `this apply ended with a bug in rollout: ${because}; the next one goes on`, exit: 1, moved: false };
  }
}

function routes(world: World, door: TelemetryDoor, loopback: boolean): Hono {
  const app = new Hono();
  app.use("*", refuseStrangers(loopback));
  app.use(
    "/v1/*",
    bodyLimit({
      maxSize: largestBody,
      onError: (context) => context.json({ error: "the body is larger than 8 MiB" }, 413),
    }),
  );
  app.post("/v1/tasks", (context) => take(context, door, "task"));
  app.post("/v1/sessions", (context) => take(context, door, "session"));
  app.get("/v1/status", async (context) => {
    const { view, exit } = await answering(() => status(world, { agents: [] }));
    const isAnswer = exit === 0 || view.kind === "status";
    return context.json(renderJson(view), isAnswer ? 200 : 500);
  });
  app.get("/healthz", (context) => context.json({ ok: true }));
  app.notFound((context) => context.json({ error: `there is no ${context.req.method} ${context.req.path}` }, 404));
  app.onError((error, context) => context.json({ error: error.message }, error instanceof Fault ? 503 : 500));
  return app;
}

/**
 * A page in somebody's browser can reach loopback too. Browsers say where a page came from, and a name that was pointed at loopback
 * is not ours: both are refused. Elsewhere a server has whatever names its network gives it.
 */
function refuseStrangers(loopback: boolean): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header("origin") !== undefined)
      return context.json({ error: "requests of web pages are refused" }, 403);
    const host = (context.req.header("host") ?? "").replace(/:\d+$/, "");
    const isAddress = /^(?:localhost|\[[0-9a-f:.]+\]|\d+\.\d+\.\d+\.\d+)$/i.test(host);
    if (loopback && !isAddress) return context.json({ error: `"${host}" is not an address of this server` }, 403);
    await next();
    return undefined;
  };
}

/** 202 with the counts; 400 with every problem and its place in the body; 503 while the store cannot be written. */
async function take(context: Context, door: TelemetryDoor, kind: "task" | "session"): Promise<Response> {
  const taken = await door.take(await context.req.text(), kind);
  return taken.ok ? context.json(taken.count, 202) : context.json(renderJson(taken.answer.view), 400);
}

function listening(
  app: Hono,
  at: ServeArguments,
): Promise<{ readonly host: string; readonly port: number; readonly close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server: ServerType = listen({ fetch: app.fetch, hostname: at.host, port: at.port }, ({ address, port }) => {
      resolve({ host: address, port, close: () => closing(server) });
    });
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(at, error)));
  });
}

function cannotListen({ host, port }: ServeArguments, { code, message }: NodeJS.ErrnoException): Refusal {
  const place = `${host}:${port}`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Another program listens on ${place} already.`,
    EACCES: `This user may not listen on ${place}.`,
    EADDRNOTAVAIL: `${host} is no address of this machine.`,
    ENOTFOUND: `${host} is no address of this machine.`,
  };
  const detail = reasons[code ?? ""] ?? `It cannot listen on ${place}: ${message}.`;
  return new Refusal([appProblem("serve/cannot-listen", { detail, hint: "rollout serve --port 0" })]);
}

/** How long a request that is being answered may still take. */
const lastRequestsMs = 2_000;

/** Requests under way are answered first; a connection that nobody uses is in nobody's way. */
function closing(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), lastRequestsMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  });
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
