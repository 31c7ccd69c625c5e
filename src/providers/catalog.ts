// Every kind of target by its name in the spec. A proxy's target is put together here: it keeps a routing file beside it.

import { resolve } from "node:path";
import type { TargetSpec } from "../core/model/spec.js";
import type { Outside } from "../ports/outside.js";
import type { TrafficTarget } from "../ports/traffic-target.js";
import { runProgram } from "./sources/command/run-program.js";
import commandTarget from "./targets/command.js";
import flagdTarget from "./targets/flagd.js";
import haproxyTarget from "./targets/haproxy.js";
import { openCopy } from "./targets/kubernetes/config-map.js";
import { openKubectl } from "./targets/kubernetes/kubectl.js";
import kubernetesTarget from "./targets/kubernetes.js";
import litellmTarget from "./targets/litellm.js";
import { reload } from "./targets/nginx/reload.js";
import nginxTarget from "./targets/nginx.js";
import { openOwnedFile } from "./targets/snapshot/owned-file.js";
import snapshotTarget from "./targets/snapshot.js";

/** Milliseconds that a gateway may take to start again. */
const gatewayStart = 25_000;

/** `root`: the repository's, absolute. */
export function openTarget(target: TargetSpec, root: string, outside: Outside): TrafficTarget {
  const contents = snapshotTarget.open({ root, path: target.path }, outside);
  switch (target.kind) {
    case "snapshot":
      return contents;
    case "haproxy":
      return haproxyTarget.open({ ...target, root, contents, map: openOwnedFile(root, target.map) }, outside);
    case "nginx":
      return nginxTarget.open({ ...target, root, contents, include: openOwnedFile(root, target.include) }, outside);
    case "flagd":
      return flagdTarget.open({ contents, flags: openOwnedFile(root, target.flags), key: target.key }, outside);
    case "litellm": {
      const models = openOwnedFile(root, target.include);
      const reloading = (signal: AbortSignal) => reload({ root, run: target.reload, signal, patience: gatewayStart });
      return litellmTarget.open({ ...target, contents, models, reload: reloading }, outside);
    }
    case "kubernetes": {
      const kubectl = openKubectl({ ...target, root, environment: outside.environment });
      const { configMap: name } = target;
      const copied = { kubectl, file: contents, path: resolve(root, target.path), now: outside.now };
      return kubernetesTarget.open(
        { ...target, kubectl, contents: name === null ? contents : openCopy({ ...copied, name }) },
        outside,
      );
    }
    case "command": {
      const place = { ...target, root, role: "target" as const, environment: outside.environment };
      const ask = (input: string, signal: AbortSignal) => runProgram(place, input, signal);
      return commandTarget.open({ contents, run: target.run, ask }, outside);
    }
  }
}
