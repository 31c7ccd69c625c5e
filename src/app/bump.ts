// `rollout bump` and `rollout fold`: the edits of the spec that people would otherwise make by hand. Comments and order stay.

import { join } from "node:path";
import { loadSpec } from "../config/load-spec.js";
import type { Checked } from "../core/diagnostic/diagnostic.js";
import { bump as bumpSpec, type Edited } from "../repo/bump.js";
import { foldPromoted } from "../repo/fold.js";
import type { SpecFiles } from "../repo/spec-models.js";
import { readStableModels } from "../repo/stable-models.js";
import { isFields, readYamlValue } from "../repo/yaml-edit.js";
import type { Answer } from "../views/view.js";
import { Refusal } from "./refusal.js";
import { chargeOf, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface BumpArguments {
  readonly step: string;
  /** `model@version`. */
  readonly model: string;
  readonly agent: string | null;
  readonly inPlace: boolean;
}

export async function bump(world: World, args: BumpArguments): Promise<Answer> {
  const { root, files } = await specFiles(world);
  const edited = bumpSpec({ files, step: args.step, model: args.model, agent: args.agent, inPlace: args.inPlace });
  return written(world, { root, edited, otherwise: `${args.step} is ${args.model} already: nothing was changed.` });
}

export async function fold(world: World, args: { readonly agent: string }): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const { agent } = await chargeOf(session, args.agent);
    const { unfolded } = await stateOf(session, agent);
    const { root, files } = await specFiles(world);
    const edited = foldPromoted({ files, agent, promoted: unfolded, stable: await readStableModels(session.store) });
    return written(world, {
      root,
      edited,
      otherwise: `${agent} has no promoted override that is not in the registry.`,
    });
  });
}

async function specFiles(world: World): Promise<{ readonly root: string; readonly files: SpecFiles }> {
  const loaded = await loadSpec({ cwd: world.cwd, file: world.config });
  if (!loaded.ok) throw new Refusal(loaded.problems);
  const { root, file } = loaded.value;
  const text = async (name: string): Promise<string> => (await world.files.read(join(root, name))) ?? "";
  const config = { name: file, text: await text(file) };
  const read = readYamlValue(config);
  const named = read.ok && isFields(read.value) ? read.value.registry : null;
  const registry = typeof named === "string" ? named : null;
  return {
    root,
    files: { config, registry: registry === null ? null : { name: registry, text: await text(registry) } },
  };
}

async function written(
  world: World,
  from: { readonly root: string; readonly edited: Checked<Edited>; readonly otherwise: string },
): Promise<Answer> {
  if (!from.edited.ok) throw new Refusal(from.edited.problems);
  const { files, agents, changes } = from.edited.value;
  for (const file of files) await world.files.write(join(from.root, file.name), file.text);
  const touched =
    agents.length === 0
      ? []
      : [`Touches ${agents.length === 1 ? "one agent" : `${agents.length} agents`}: ${agents.join(", ")}.`];
  const lines =
    files.length === 0
      ? [from.otherwise]
      : [...changes, `wrote ${files.map(({ name }) => name).join(", ")}`, ...touched, "Next: rollout plan"];
  return { view: { kind: "message", lines, data: { changes, files: files.map(({ name }) => name), agents } }, exit: 0 };
}
