// The state as one JSON document, format 1: what `rollout state export` writes and `rollout state import` reads.

import type { FloorMemory } from "../core/gate/floor-memory.js";
import type { HealthMemory } from "../core/gate/health-memory.js";
import { canonicalJson, type RevisionContent } from "../core/model/revision.js";
import type { AgentId, Json } from "../core/model/units.js";
import { revisionShape } from "../core/shape/revision-shape.js";
import { shallow } from "../core/shape/shape.js";
import { checkChain, firstLink, type StoredEntry } from "../ports/entry-chain.js";
import { readEntry } from "../ports/entry-format.js";
import { Fault } from "../ports/fault.js";
import { type StateDump, sortedDump } from "../ports/state-dump.js";
import { refuse } from "./refusal.js";

const format = 1;
const kind = "rollout-state";

/** The same state gives the same text, byte for byte: in the order of its names, indented by two. */
export function stateText(dump: StateDump): string {
  return `${JSON.stringify(stateDocument(dump), null, 2)}\n`;
}

export function stateDocument(dump: StateDump): { readonly [key: string]: Json } {
  const { lineage, epoch, journals, revisions, memories, floors } = sortedDump(dump);
  const agents = journals.map(({ agent, entries }) => ({
    agent,
    entries: entries.map(({ serial, event, hash }) => ({ serial, event: JSON.parse(event) as unknown, hash })),
  }));
  const whole = { kind, format, lineage, epoch, agents, revisions, memories, floors };
  // What it is comes first, for people.
  return { kind, format, lineage, epoch, ...(JSON.parse(canonicalJson(whole)) as { readonly [key: string]: Json }) };
}

/** Every link checked. Refuses what is no such document, of a newer format, or changed by hand. */
export function readStateText(text: string, name: string): StateDump {
  const not = (why: string): never => refuse("state/not-a-state", { detail: `${name} ${why}.`, about: name });
  const whole = fieldsOf(parsed(text));
  if (whole === null || whole.kind !== kind) return not("is no state that rollout exported");
  if (shallow(whole, "") !== null) return not("is nested deeper than anything that rollout writes");
  if (typeof whole.format === "number" && whole.format > format) {
    return not(`has the format ${whole.format}, and this version of rollout reads format ${format}: take a newer one`);
  }
  const { lineage, epoch } = whole;
  if (whole.format !== format || typeof lineage !== "string" || lineage === "" || !Number.isSafeInteger(epoch)) {
    return not("lacks its format, lineage or epoch");
  }
  const listOf = (key: string): readonly Fields[] => {
    const items = Array.isArray(whole[key]) ? (whole[key] as readonly unknown[]).map(fieldsOf) : [];
    if (!Array.isArray(whole[key]) || items.includes(null)) return not(`lacks its list of ${key}`);
    return items as readonly Fields[];
  };
  const journals = listOf("agents").map((journal) => readJournal(journal, lineage, not));
  const names = new Set(journals.map(({ agent }) => agent));
  if (names.size < journals.length) return not("holds two journals of one agent");
  const memories = (key: string) =>
    listOf(key).map(({ agent, memory }) => {
      const fields = fieldsOf(memory);
      const isOne = fields !== null && (key === "floors" || typeof fields.rollout === "string");
      if (typeof agent !== "string" || !names.has(agent as AgentId) || !isOne)
        return not(`holds something else among its ${key}`);
      return { agent: agent as AgentId, memory };
    });
  return sortedDump({
    ...{ lineage, epoch: epoch as number, moved: null, journals },
    revisions: listOf("revisions").map((content) => readRevision(content, not)),
    memories: memories("memories") as { agent: AgentId; memory: HealthMemory }[],
    floors: memories("floors") as { agent: AgentId; memory: FloorMemory }[],
  });
}

type Fields = Readonly<Record<string, unknown>>;
type Not = (why: string) => never;

const agentName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

function readJournal({ agent, entries }: Fields, lineage: string, not: Not): StateDump["journals"][number] {
  if (typeof agent !== "string" || !agentName.test(agent) || !Array.isArray(entries) || entries.length === 0) {
    return not("holds a journal without a name or without entries");
  }
  const stored = entries.map((entry: unknown): StoredEntry => {
    const { serial, event, hash } = fieldsOf(entry) ?? {};
    if (typeof serial !== "number" || typeof hash !== "string" || fieldsOf(event) === null) {
      return not(`holds an entry of ${agent} that is none`);
    }
    return { serial, event: canonicalJson(event), hash };
  });
  try {
    checkChain(agent, firstLink(lineage, agent), stored, 0);
    for (const entry of stored) readEntry(agent, entry);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return not(`cannot be taken: ${error.message.replace(/\.$/, "")}`);
  }
  return { agent: agent as AgentId, entries: stored };
}

function readRevision(content: Fields, not: Not): RevisionContent {
  const wrong = revisionShape(content, "");
  return wrong === null ? (content as unknown as RevisionContent) : not(`holds a revision that is none: ${wrong}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}
