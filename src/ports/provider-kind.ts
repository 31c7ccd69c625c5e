// What a provider's file exports by default: its kind, a line about it, and how it is opened.

import type { Outside } from "./outside.js";
import type { TrafficTarget } from "./traffic-target.js";

export interface ProviderKind<Port extends string, Config, Instance> {
  readonly port: Port;
  /** Also the name of its schema file. */
  readonly kind: string;
  readonly summary: string;
  open(config: Config, outside: Outside): Instance;
}

export type TrafficTargetKind<Config> = ProviderKind<"traffic-target", Config, TrafficTarget>;

export function defineTrafficTarget<Config>(kind: Omit<TrafficTargetKind<Config>, "port">): TrafficTargetKind<Config> {
  return { port: "traffic-target", ...kind };
}
