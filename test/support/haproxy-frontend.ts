// The lines of HAProxy's configuration as the guide gives them.

import { readFileSync } from "node:fs";

function documentedFrontend(map: string): string {
  const guide = readFileSync(new URL("../../docs/guide/haproxy.md", import.meta.url), "utf8");
  const lines = /```haproxy\n([\s\S]*?)```/.exec(guide)?.[1];
  if (lines === undefined) throw new Error("the guide has no configuration of HAProxy");
  return lines.replaceAll("/srv/support/live/support.map", map);
}

/** The same, sending each request on to the agent's process at this port. */
export function forwarding(map: string, port: number): string {
  return `${documentedFrontend(map)}  default_backend agent\nbackend agent\n  server process 127.0.0.1:${port}\n`;
}

/** The same, answering each request with the revision that the agent's process would be told. */
export function echoing(map: string): string {
  return `${documentedFrontend(map)}  http-request return status 200 content-type text/plain lf-string "%[req.hdr(x-rollout-revision)]"\n`;
}
