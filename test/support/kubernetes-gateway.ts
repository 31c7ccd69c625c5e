// A gateway on loopback that does with an HTTPRoute what the Gateway API asks of one: the longest path, then the most headers, then the
// first rule; a draw by weight for each request; headers set on the way.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import type { StoredFilter, StoredRule } from "./kubernetes-api.js";

export interface Listening {
  readonly url: string;
  stop(): Promise<void>;
}

export type Answer = (asked: IncomingMessage, response: ServerResponse) => Promise<unknown>;

export async function listening({ answer }: { readonly answer: Answer }): Promise<Listening> {
  const server: Server = createServer((asked, response) => {
    answer(asked, response).catch((error: Error) => response.destroy(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Sends a request on, with these headers over its own; what goes wrong is a 502. */
export function forward(
  asked: IncomingMessage,
  response: ServerResponse,
  to: { readonly url: string; readonly headers: Readonly<Record<string, string | undefined>> },
): void {
  const headers = Object.fromEntries(
    Object.entries({ ...asked.headers, ...to.headers }).filter(([, value]) => value !== undefined),
  );
  const passed = send(new URL(asked.url ?? "/", to.url), { method: asked.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", (error) => response.writeHead(502).end(String(error)));
  asked.pipe(passed);
}

export interface GatewayPlace {
  readonly rules: () => readonly StoredRule[];
  /** Where a service answers. */
  readonly services: Readonly<Record<string, string>>;
  /** From 0 to 1. */
  readonly random: () => number;
}

export function startRouteGateway({ rules, services, random }: GatewayPlace): Promise<Listening> {
  const answer: Answer = async (asked, response) => {
    const rule = chosen(rules(), asked);
    const refs = rule?.backendRefs ?? [];
    let left = random() * refs.reduce((sum, { weight = 1 }) => sum + weight, 0);
    const ref = refs.find(({ weight = 1 }) => {
      left -= weight;
      return left < 0;
    });
    const url = ref === undefined ? undefined : services[ref.name];
    if (rule === null || ref === undefined || url === undefined)
      return void response.writeHead(rule === null ? 404 : 500).end();
    forward(asked, response, { url, headers: { ...set(rule.filters), ...set(ref.filters) } });
  };
  return listening({ answer });
}

function chosen(rules: readonly StoredRule[], asked: IncomingMessage): StoredRule | null {
  const fits = rules.flatMap((rule) =>
    (rule.matches ?? [{}]).flatMap(({ path = { value: "/" }, headers = [] }) => {
      const isMeant = headers.every(({ name, value }) => asked.headers[name.toLowerCase()] === value);
      const isThere = (asked.url ?? "/").startsWith(path.value);
      return isMeant && isThere ? [{ rule, rank: [path.value.length, headers.length] as const }] : [];
    }),
  );
  // Sorting keeps the order of what is equal.
  fits.sort((a, b) => b.rank[0] - a.rank[0] || b.rank[1] - a.rank[1]);
  return fits[0]?.rule ?? null;
}

function set(filters: readonly StoredFilter[] = []): Readonly<Record<string, string>> {
  const pairs = filters.flatMap(({ requestHeaderModifier }) => requestHeaderModifier?.set ?? []);
  return Object.fromEntries(pairs.map(({ name, value }) => [name.toLowerCase(), value]));
}
