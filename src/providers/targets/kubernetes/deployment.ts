// A deployment that is to serve a release: it gets the image, and is waited for. Its annotation says who asked for which image, so that
// a writer that wakes late is found out, and a change by hand is seen.

import { setTimeout as pause } from "node:timers/promises";
import { compareFences, type Fence } from "../../../core/model/route.js";
import type { KubernetesBackend } from "../../../core/model/spec.js";
import { fenceText } from "../../../ports/check-shift.js";
import { Fault } from "../../../ports/fault.js";
import {
  annotate,
  type ClusterObject,
  changeObject,
  getObject,
  notOvertaken,
  patchOf,
  readFence,
} from "./cluster-object.js";
import type { Kubectl } from "./kubectl.js";

interface Container {
  readonly name: string;
  readonly image?: string;
}

interface Deployment extends ClusterObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly reason?: string; readonly message?: string }[];
  };
}

export interface Deploying {
  readonly kubectl: Kubectl;
  readonly backend: KubernetesBackend & { readonly deployment: string };
  readonly signal: AbortSignal;
}

const key = "rollout/image";
const lookEvery = 500;

/** The image that it runs, or is about to. Throws a `Fault`. */
export async function imageOf(of: Deploying): Promise<string> {
  return containerOf(of, await look(of)).image ?? "";
}

/** What somebody else made of an image that rollout had set; null where nobody did. */
export async function strangeImage(of: Deploying): Promise<string | null> {
  const found = await look(of);
  const asked = askedOf(found);
  const { image = "nothing" } = containerOf(of, found);
  if (asked === null || asked.image === image) return null;
  return `deployment ${of.backend.deployment} runs ${image}, and rollout put ${asked.image} there`;
}

/**
 * Returns when every pod that the deployment wants runs the image and is available. Throws a `Fault`: "timeout" when the signal comes
 * first; the next attempt goes on from there.
 */
export async function bringUp(of: Deploying, image: string, fence: Fence): Promise<void> {
  const { kubectl, backend, signal } = of;
  const name = nameOf(of);
  const claimed = await changeObject<Deployment>({
    kubectl,
    name,
    signal,
    decide: (found) => {
      const asked = askedOf(found);
      notOvertaken(asked?.fence ?? null, fence);
      if (asked !== null && asked.image === image && compareFences(asked.fence, fence) === 0) return null;
      const { index, name: container } = containerOf(of, found);
      const at = `/spec/template/spec/containers/${index}/name`;
      const claim = annotate(found, key, `${fenceText(fence)} ${image}`);
      return patchOf(name, found, [{ op: "test", path: at, value: container }, claim]);
    },
  });
  const container = containerOf(of, claimed);
  if (container.image !== image) await setImage(of, container.name, image);
  let seen = "nobody has looked at it";
  try {
    for (;;) {
      const found = await look(of);
      await standsAside(of, found, { image, fence });
      const progress = progressOf(found);
      if (progress === null) return;
      seen = progress;
      await pause(lookEvery, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted || (error instanceof Fault && error.kind !== "timeout")) throw error;
    const because = `deployment ${backend.deployment} does not serve ${image} yet: ${seen}; the next apply goes on from here`;
    throw new Fault("timeout", because, { cause: error });
  }
}

async function setImage({ kubectl, backend, signal }: Deploying, container: string, image: string): Promise<void> {
  await kubectl(["set", "image", `deployment/${backend.deployment}`, `${container}=${image}`], signal);
}

/** A newer writer asked for another image, and ours may have come after it: then its own is put back. Throws a `Fault` ("conflict"). */
async function standsAside(
  of: Deploying,
  found: Deployment,
  ours: { readonly image: string; readonly fence: Fence },
): Promise<void> {
  const asked = askedOf(found);
  const { name, image } = containerOf(of, found);
  const isOvertaken = asked !== null && compareFences(asked.fence, ours.fence) > 0;
  if (isOvertaken && image === ours.image && asked.image !== image) await setImage(of, name, asked.image);
  notOvertaken(asked?.fence ?? null, ours.fence);
  if (image === ours.image) return;
  const now = `deployment ${of.backend.deployment} runs ${image ?? "nothing"}`;
  throw new Fault("conflict", `${now}: somebody else changed it right after it was set to ${ours.image}`);
}

/** What is missing; null when it serves. Throws a `Fault` when it never will. */
function progressOf({ metadata, spec, status = {} }: Deployment): string | null {
  const wanted = spec?.replicas ?? 1;
  if (wanted === 0) throw new Fault("rejected", "the deployment is scaled to 0, so nobody would serve: scale it up");
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return "its controller has not seen it";
  const late = status.conditions?.find(
    ({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
  );
  if (late !== undefined)
    throw new Fault(
      "rejected",
      `the deployment does not come up: ${(late.message ?? "its deadline is over").slice(0, 200)}`,
    );
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= wanted) return null;
  return `${updatedReplicas} of ${wanted} pods are updated, ${availableReplicas} are available, ${replicas - updatedReplicas} old ones are left`;
}

function askedOf({ metadata }: Deployment): { readonly fence: Fence; readonly image: string } | null {
  const [fence = "", image, ...more] = (metadata.annotations?.[key] ?? "").split(" ");
  const read = readFence(fence);
  return read === null || image === undefined || more.length > 0 ? null : { fence: read, image };
}

function containerOf({ backend }: Deploying, { spec }: Deployment): Container & { readonly index: number } {
  const containers = spec?.template?.spec?.containers ?? [];
  const known = containers.map(({ name }) => name).join(", ");
  const index = backend.container === null ? 0 : containers.findIndex(({ name }) => name === backend.container);
  const found = containers[index];
  if (found === undefined || (backend.container === null && containers.length > 1)) {
    const what = backend.container === null ? "several containers" : `no container ${backend.container}`;
    throw new Fault("rejected", `deployment ${backend.deployment} has ${what}: name one of ${known} as \`container\``);
  }
  return { ...found, index };
}

function look(of: Deploying): Promise<Deployment> {
  return getObject<Deployment>(of.kubectl, nameOf(of), of.signal);
}

function nameOf({ backend }: Deploying): string {
  return `deployments.apps/${backend.deployment}`;
}
