// A gateway on loopback that does with its configuration what LiteLLM documents and does in `_process_includes` of its proxy_server.py:
// read at its start, `include` a list of files beside the configuration that must be there, lists of the same key put together.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { parse } from "yaml";

export interface Deployment {
  readonly model_name: string;
  readonly litellm_params: Readonly<Record<string, unknown>> & { readonly model: string };
  readonly model_info?: Readonly<Record<string, unknown>>;
}

export interface Gateway {
  readonly url: string;
  /** The program that makes it read its configuration again, as long as it can. */
  readonly reload: readonly string[];
  readonly reloads: () => number;
  /** What it has in its memory. */
  readonly deployments: () => readonly Deployment[];
  stop(): Promise<void>;
}

/** `folder` holds its config.yaml. `key`: what it asks of everybody. */
export async function startGateway(folder: string, key: string | null = null): Promise<Gateway> {
  let deployments = readConfig(folder);
  let reloads = 0;
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    if (request.url === "/reload") {
      try {
        deployments = readConfig(folder);
        reloads += 1;
        return answer(200, {});
      } catch (error) {
        return answer(500, { error: (error as Error).message });
      }
    }
    if (key !== null && request.headers.authorization !== `Bearer ${key}`) return answer(401, { error: "no key" });
    if (request.url === "/v1/models")
      return answer(200, { data: deployments.map(({ model_name }) => ({ id: model_name, object: "model" })) });
    const asked = JSON.parse(await bodyOf(request)) as { readonly model: string };
    const found = deployments.find(({ model_name }) => model_name === asked.model);
    if (found === undefined) return answer(400, { error: `Invalid model name passed in model=${asked.model}` });
    return answer(200, { model: found.litellm_params.model, params: found.litellm_params });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const program = join(folder, "reload.mjs");
  writeFileSync(program, `const { ok } = await fetch("${url}/reload"); process.exit(ok ? 0 : 1);\n`);
  return {
    url,
    reload: [process.execPath, program],
    reloads: () => reloads,
    deployments: () => deployments,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Throws as LiteLLM does where a file is missing, or says nothing. */
export function readConfig(folder: string): readonly Deployment[] {
  const read = (name: string): Record<string, unknown> => {
    if (!existsSync(join(folder, name))) throw new Error(`Included file not found: ${name}`);
    // PyYAML reads YAML 1.1.
    return parse(readFileSync(join(folder, name), "utf8"), { version: "1.1" });
  };
  const config = read("config.yaml");
  for (const name of (config.include as readonly string[] | undefined) ?? []) {
    for (const [key, value] of Object.entries(read(name))) {
      const there = config[key];
      if (Array.isArray(value) && Array.isArray(there)) there.push(...value);
      else config[key] = value;
    }
  }
  return (config.model_list ?? []) as readonly Deployment[];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of request) body += piece;
  return body;
}
