/**
 * Whole courses in a cluster: people's requests carry a session to a front, which asks the router and sets the header; a gateway follows the
 * HTTPRoute to the pods of two deployments, and each pod says which image it is and which revision it serves. kubectl is real.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { seeded } from "../../src/app/demo/traffic.js";
import { openRouter } from "../../src/sdk/open-router.js";
import type { Router } from "../../src/sdk/router.js";
import { type KubernetesApi, startKubernetesApi } from "../support/kubernetes-api.js";
import { type Answer, forward, type Listening, listening, startRouteGateway } from "../support/kubernetes-gateway.js";
import { applyGuide } from "../support/kubernetes-scene.js";
import { action, adopted, appliedOf, bumped, evaluated, prepared, scheduled, stateIn, users } from "../support/team.js";
import { wholeCourse } from "../support/whole-course.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const guide = readFileSync(new URL("../../docs/guide/kubernetes.md", import.meta.url), "utf8");
/** The agent's keys as the guide has them. */
const keys = /agents:\n {2}support:\n( {4}release:[\s\S]*?)```/.exec(guide)?.[1] ?? "";
const because = / *(unsticky: .*)\n/.exec(guide)?.[1] ?? "";
const release = (version: string): string => `images.example.com/support:${version}`;
const sessions = Array.from({ length: 200 }, (_, index) => `session-${index}`);

let api: KubernetesApi;
beforeAll(async () => {
  api = await startKubernetesApi();
}, 120_000);
afterAll(() => api?.stop());

let at: Workspace;
let cluster: Cluster;
beforeEach(async () => {
  api.clear();
  applyGuide(api);
  const spec = (oneAgent["rollout.config.yaml"] ?? "").replace("    target: live/support.json\n", keys);
  at = await prepared({ ...oneAgent, "rollout.config.yaml": spec });
  Object.assign(at.environment, api.env);
  cluster = await startCluster();
  return async () => {
    await cluster.stop();
    at.remove();
  };
});

interface Pod {
  readonly service: string;
  readonly image: string;
  readonly revision: string;
  readonly model: string;
}

interface Cluster {
  /** Null: the request is sent to the gateway itself, so that nobody sets the header. */
  ask(session: string | null): Promise<Pod>;
  stop(): Promise<void>;
}

async function startCluster(): Promise<Cluster> {
  let router: Router | null = null;
  const routing = async (): Promise<Router> => {
    router ??= await openRouter(join(at.root, "live/support.json"), { log: () => undefined });
    await router.refresh();
    return router;
  };
  const session = (headers: NodeJS.Dict<string | string[]>) => String(headers["x-session-id"] ?? "");
  const answerOf = async (service: string, { headers }: IncomingMessage): Promise<Pod> => {
    const image = api.read(`deployments/${service}`).spec?.template?.spec.containers[0]?.image ?? "";
    const pods = await routing();
    const route = pods.route(session(headers), { revision: headers["x-rollout-revision"] });
    const { model, version } = pods.getModel("planning", route) ?? { model: "", version: "" };
    return { service, image, revision: route.revision ?? "", model: `${model}@${version}` };
  };
  const podsOf = (service: string) => {
    const answer: Answer = async (asked, response) => response.end(JSON.stringify(await answerOf(service, asked)));
    return listening({ answer });
  };
  const pods = { support: await podsOf("support"), "support-canary": await podsOf("support-canary") };
  const gateway = await startRouteGateway({
    rules: () => api.read("httproutes/support").spec?.rules ?? [],
    services: { support: pods.support.url, "support-canary": pods["support-canary"].url },
    random: seeded(7),
  });
  const marked: Answer = async (asked, response) => {
    const { revision } = (await routing()).route(session(asked.headers));
    forward(asked, response, { url: gateway.url, headers: { "x-rollout-revision": revision ?? undefined } });
  };
  const front = await listening({ answer: marked });
  const servers: readonly Listening[] = [front, gateway, ...Object.values(pods)];
  return {
    ask: async (id) => {
      const url = id === null ? gateway.url : front.url;
      const answer = await fetch(url, id === null ? {} : { headers: { "x-session-id": id } });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Pod;
    },
    stop: async () => {
      await router?.close();
      for (const server of servers) await server.stop();
    },
  };
}

async function met(): Promise<ReadonlyMap<string, Pod>> {
  return new Map(await Promise.all(sessions.map(async (session) => [session, await cluster.ask(session)] as const)));
}

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  expect(keys).toContain("kind: kubernetes");
  await wholeCourse(at, met);
  expect((await action(at)).warnings).toContainEqual(expect.stringContaining("go to stable"));
  expect(api.read("configmaps/support-routing").data?.["support.json"]).toBe(at.read("live/support.json"));
}, 120_000);

/** Asks all the while, and notes by revision which images served it. What the work answered. */
async function during(work: () => Promise<unknown>, images: Map<string, Set<string>>): Promise<string> {
  let isOver = false;
  const asking = (async () => {
    for (let index = 0; !isOver; index++) {
      const { revision, image } = await cluster.ask(
        index % 10 === 0 ? null : (sessions[index % sessions.length] ?? ""),
      );
      images.set(revision, (images.get(revision) ?? new Set()).add(image));
    }
  })();
  try {
    return JSON.stringify(await work());
  } finally {
    isOver = true;
    await asking;
  }
}

test("a new image is brought up before anybody is sent there, and no request meets a revision whose image does not run", async () => {
  const images = new Map<string, Set<string>>();
  await adopted(at);
  await scheduled(at);
  const first = (await stateIn(at)).stable ?? "";
  const released = async (from: string, to: string): Promise<string> => {
    at.edit("rollout.config.yaml", release(from), release(to));
    await evaluated(at);
    await during(() => scheduled(at), images);
    return (await stateIn(at)).rollout?.canary ?? "";
  };
  const second = await released("1.4.0", "1.5.0");
  expect(new Set([...(await met()).values()].map(({ image }) => image))).toEqual(
    new Set([release("1.4.0"), release("1.5.0")]),
  );
  await users(at, { hours: 3 });
  const answers = [await during(() => scheduled(at), images), await during(() => scheduled(at), images)];
  expect((await stateIn(at)).stable, answers.join("\n")).toBe(second);
  for (const pod of (await met()).values())
    expect(pod).toMatchObject({ service: "support", image: release("1.5.0"), revision: second });

  const third = await released("1.5.0", "1.6.0");
  api.change("httproutes/support", ({ spec }) => {
    spec?.rules?.shift();
  });
  await during(() => scheduled(at), images);
  expect((await stateIn(at)).rollout?.paused).not.toBeNull();
  for (const pod of (await met()).values()) expect(pod).toMatchObject({ revision: second, image: release("1.5.0") });
  expect(images).toEqual(
    new Map([
      [first, new Set([release("1.4.0")])],
      [second, new Set([release("1.5.0")])],
      [third, new Set([release("1.6.0")])],
    ]),
  );
}, 120_000);

test("a deployment that does not come up holds the course, and the next apply goes on when it does", async () => {
  await adopted(at);
  await scheduled(at);
  at.edit("rollout.config.yaml", release("1.4.0"), release("1.5.0"));
  await evaluated(at);
  api.change("deployments/support-canary", ({ spec }) => {
    if (spec !== undefined) spec.replicas = 0;
  });
  const { agents } = appliedOf(await scheduled(at));
  expect(JSON.stringify(agents)).toContain("scaled to 0");
  expect(new Set([...(await met()).values()].map(({ image }) => image))).toEqual(new Set([release("1.4.0")]));
  api.change("deployments/support-canary", ({ spec }) => {
    if (spec !== undefined) spec.replicas = 1;
  });
  await scheduled(at);
  expect(new Set([...(await met()).values()].map(({ image }) => image))).toEqual(
    new Set([release("1.4.0"), release("1.5.0")]),
  );
}, 120_000);

test("where every request is drawn by itself the plan says why, and the gateway draws by the weight", async () => {
  at.edit(
    "rollout.config.yaml",
    "      config_map: support-routing",
    `      ${because}\n      config_map: support-routing`,
  );
  await adopted(at);
  await scheduled(at);
  await bumped(at);
  expect((await action(at)).warnings).toContainEqual(
    "each request is drawn by itself, so a session meets both revisions: every request is a session of its own",
  );
  await scheduled(at);
  const { stable, rollout } = await stateIn(at);
  const pods = await Promise.all(sessions.map(() => cluster.ask(null)));
  const share = pods.filter(({ revision }) => revision === rollout?.canary).length / pods.length;
  expect(Math.abs(share - 0.5)).toBeLessThan(0.2);
  for (const { service, revision, model } of pods)
    expect([service, revision, model]).toEqual(
      service === "support" ? ["support", stable, "opus@1"] : ["support-canary", rollout?.canary, "opus@2"],
    );
}, 120_000);
