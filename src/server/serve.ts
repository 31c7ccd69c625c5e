// `rollout serve`: the same apply on a heartbeat, and the doors by which telemetry comes in. On loopback unless told otherwise.

import { serve as listen, type ServerType } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { apply } from "../app/apply.js";
import { type TelemetryDoor, withDoor } from "../app/door.js";
import { answering, refuse } from "../app/refusal.js";
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
    const server = await listening(routes(world, door), args);
    const url = `http://${server.host.includes(":") ? `[${server.host}]` : server.host}:${server.port}`;
    world.say(`listening on ${url}: POST /v1/tasks, POST /v1/sessions, GET /v1/status, GET /healthz`);
    if (!isLoopback(server.host))
      world.say(
        "warning: this is not loopback, and whoever reaches it can report tasks: keep it behind your own proxy",
      );
    world.say(`rollout apply --auto-approve runs now and at "${args.schedule}" (UTC)`);
    const scheduler = startScheduler(args.schedule, () => beat(world));
    args.onListening?.(url);
    await stopped(world.stop);
    await scheduler.stop();
    await server.close();
    return { view: { kind: "message", lines: ["stopped"], data: { url } }, exit: 0 };
  });
}

function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}

/** One scheduled apply. What goes wrong is said and tried again at the next beat. */
async function beat(world: World): Promise<void> {
  try {
    const unattended = { ...world, interactive: false };
    const { view } = await answering(() =>
      apply(unattended, { agents: [], file: null, autoApprove: true, confirm: async () => false }),
    );
    const moved =
      view.kind !== "apply" || view.agents.some((agent) => agent.done.length > 0 || agent.after.kind === "fault");
    if (moved) world.say(renderText(view, { color: false, width: 120, now: world.now(), unicode: true }).trimEnd());
  } catch (error) {
    world.say(
      `this apply ended with a bug in rollout: ${error instanceof Error ? error.message : String(error)}; the next one goes on`,
    );
  }
}

function routes(world: World, door: TelemetryDoor): Hono {
  const app = new Hono();
  app.use("*", refuseStrangers);
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
    return context.json(renderJson(view), exit === 0 ? 200 : 500);
  });
  app.get("/healthz", (context) => context.json({ ok: true }));
  app.notFound((context) => context.json({ error: `there is no ${context.req.method} ${context.req.path}` }, 404));
  app.onError((error, context) => context.json({ error: error.message }, error instanceof Fault ? 503 : 500));
  return app;
}

/**
 * A page in somebody's browser can reach loopback too. Browsers say where a page came from, and a name that was pointed here is
 * not ours: both are refused.
 */
async function refuseStrangers(context: Context, next: () => Promise<void>): Promise<Response | undefined> {
  if (context.req.header("origin") !== undefined)
    return context.json({ error: "requests of web pages are refused" }, 403);
  const host = (context.req.header("host") ?? "").replace(/:\d+$/, "");
  const isAddress = /^(?:localhost|\[[0-9a-f:.]+\]|\d+\.\d+\.\d+\.\d+)$/i.test(host);
  if (!isAddress) return context.json({ error: `"${host}" is not an address of this server` }, 403);
  await next();
  return undefined;
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
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new Fault("unreachable", `cannot listen on ${at.host}:${at.port}: ${error.code ?? error.message}`, {
          cause: error,
        }),
      );
    });
  });
}

function closing(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
