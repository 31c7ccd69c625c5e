// An object of a cluster as kubectl prints it, and changing one so that nobody's change is lost.

import { compareFences, type Fence } from "../../../core/model/route.js";
import { Fault } from "../../../ports/fault.js";
import type { Kubectl } from "./kubectl.js";

/** RFC 6902, as far as it is used here. */
export type PatchOperation =
  | { readonly op: "test" | "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

export interface ClusterObject {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Behind `kubectl get`: `httproutes.gateway.networking.k8s.io/support`. */
export type ObjectName = string;

/** Throws a `Fault`, also for an answer without a version. */
export async function getObject<Kind extends ClusterObject>(
  kubectl: Kubectl,
  name: ObjectName,
  signal: AbortSignal,
): Promise<Kind> {
  return parsed<Kind>(name, await kubectl(["get", name, "--output=json"], signal));
}

/** One call of kubectl that changes an object, and prints it. */
interface Write {
  readonly args: readonly string[];
  readonly input?: string;
}

export interface Change<Kind> {
  readonly kubectl: Kubectl;
  readonly name: ObjectName;
  readonly signal: AbortSignal;
  /** What stood there a moment ago, so that the first try need not look. */
  readonly seen?: Kind;
  /** Decides by what stands there; null changes nothing. Throws a `Fault` where it may not be changed. */
  readonly decide: (found: Kind) => Write | null;
}

const mostTries = 5;

/** Reads, decides, and writes only where nobody wrote meanwhile; else reads again. What stands there at the end. */
export async function changeObject<Kind extends ClusterObject>(change: Change<Kind>): Promise<Kind> {
  const { kubectl, name, signal, seen, decide } = change;
  for (let tries = 0; tries < mostTries; tries++) {
    const found = tries === 0 && seen !== undefined ? seen : await getObject<Kind>(kubectl, name, signal);
    const write = decide(found);
    if (write === null) return found;
    try {
      return parsed<Kind>(name, await kubectl(write.args, signal, write.input));
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== "conflict") throw error;
    }
  }
  throw new Fault("conflict", `${name} was changed by somebody else at each of ${mostTries} tries`);
}

/** Operations behind a test that the object is still the one that they were made for. */
export function patchOf(name: ObjectName, { metadata }: ClusterObject, operations: readonly PatchOperation[]): Write {
  const isSame = { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion } as const;
  const patch = JSON.stringify([isSame, ...operations]);
  return { args: ["patch", name, "--type=json", `--patch=${patch}`, "--output=json"] };
}

/** The whole object, which the API takes only with the version that is in force: for contents too long for an argument. */
export function replacementBy(object: ClusterObject): Write {
  return { args: ["replace", "--filename=-", "--validate=false", "--output=json"], input: JSON.stringify(object) };
}

/** One annotation set, whether the object has any or not. */
export function annotate({ metadata }: ClusterObject, key: string, value: string): PatchOperation {
  if (metadata.annotations === undefined) return { op: "add", path: "/metadata/annotations", value: { [key]: value } };
  return { op: "add", path: `/metadata/annotations/${pointerPart(key)}`, value };
}

/** A key as a part of a JSON pointer (RFC 6901). */
function pointerPart(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** `EPOCH.SERIAL`; null for anything else. */
export function readFence(text: string): Fence | null {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(text);
  return match === null ? null : { epoch: Number(match[1]), serial: Number(match[2]) };
}

/** Throws a `Fault` ("conflict") where something newer stands. */
export function notOvertaken(found: Fence | null, fence: Fence): void {
  if (found !== null && compareFences(found, fence) > 0) throw new Fault("conflict", "a newer write overtook this one");
}

function parsed<Kind extends ClusterObject>(name: ObjectName, printed: string): Kind {
  let value: unknown;
  try {
    value = JSON.parse(printed);
  } catch (error) {
    throw new Fault("unreachable", `kubectl printed something else than JSON for ${name}`, { cause: error });
  }
  const version = (value as Partial<ClusterObject> | null)?.metadata?.resourceVersion;
  if (typeof version !== "string") throw new Fault("unreachable", `kubectl printed no version of ${name}`);
  return value as Kind;
}
