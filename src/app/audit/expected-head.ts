// A head that was written down elsewhere: `support@41:sha256:9f2c1e7…`, as `audit verify` prints it.

import { refuse } from "../refusal.js";
import type { ExpectedHead } from "./examine-trail.js";

/** Fewer digits than these are found again by chance. */
const pattern = /^(?<agent>.+)@(?<serial>[1-9][0-9]{0,14}):(?<hash>sha256:[0-9a-f]{12,64})$/;

/** Throws a `Refusal` where it is none. */
export function readExpectedHead(text: string): ExpectedHead {
  const { agent, serial, hash } = pattern.exec(text)?.groups ?? {};
  if (agent !== undefined && serial !== undefined && hash !== undefined) return { agent, serial: Number(serial), hash };
  return refuse("audit/not-a-head", {
    detail: `"${text.slice(0, 120)}" is no AGENT@ENTRY:HASH.`,
    hint: "rollout audit verify --expect support@41:sha256:0123456789ab",
  });
}

export function headText({ agent, serial, hash }: ExpectedHead): string {
  return `${agent}@${serial}:${hash}`;
}
