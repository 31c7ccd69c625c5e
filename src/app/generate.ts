// `rollout generate`: typed step and prompt names, so that a misspelt step does not compile.

import { resolve } from "node:path";
import type { AgentSpec } from "../core/model/spec.js";
import type { Answer } from "../views/view.js";
import { type Session, withSession } from "./session.js";
import type { World } from "./world.js";

export interface GenerateArguments {
  /** Relative path of the file to write. */
  readonly out: string;
  /** Write nothing; exit 1 when the file is not what would be written. */
  readonly check: boolean;
}

export async function generate(world: World, args: GenerateArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const text = typesText(session);
    const path = resolve(world.cwd, args.out);
    const fresh = (await world.files.read(path)) === text;
    if (!fresh && !args.check) await world.files.write(path, text);
    const line = fresh
      ? `${args.out} is up to date`
      : args.check
        ? `${args.out} is out of date: run rollout generate`
        : `wrote ${args.out}`;
    return {
      view: { kind: "message", lines: [line], data: { path: args.out, fresh } },
      exit: args.check && !fresh ? 1 : 0,
    };
  });
}

function typesText(session: Session): string {
  const taken = new Set<string>();
  const blocks = Object.values(session.spec?.agents ?? {}).map((agent) => typesOf(agent, typeName(agent.agent, taken)));
  return `// Written by rollout generate. Do not edit.\nimport type { Router } from "@rollout-engine/rollout/sdk";\n\n${blocks.join("\n")}`;
}

/** `support-bot` is `SupportBot`; an agent whose name leads to a type that is taken gets a number. */
function typeName(agent: string, taken: Set<string>): string {
  const words = agent.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const plain = words.replaceAll(/[^A-Za-z0-9]/g, "").replace(/^(?=\d)/, "Agent");
  let name = plain;
  for (let count = 2; taken.has(name); count++) name = `${plain}${count}`;
  taken.add(name);
  return name;
}

function typesOf({ revision }: AgentSpec, name: string): string {
  const steps = union(Object.keys(revision.steps));
  const prompts = union(revision.prompts.map((prompt) => prompt.name));
  return [
    `export type ${name}Steps = ${steps};`,
    `export type ${name}Prompts = ${prompts};`,
    `export type ${name}Router = Router<${name}Steps, ${name}Prompts>;`,
    "",
  ].join("\n");
}

function union(names: readonly string[]): string {
  return names.length === 0
    ? "never"
    : [...new Set(names)]
        .sort()
        .map((name) => JSON.stringify(name))
        .join(" | ");
}
