// The checkers at work: after every touch they read what is new in the journal and at the target.

import type { Entry } from "../../core/model/journal.js";
import { compareFences, type Fence, type Route, routeKey } from "../../core/model/route.js";
import { courseCheckers } from "./course-checkers.js";
import { type Facts, shiftCheckers } from "./entry-checkers.js";
import { confirmedWeight, Ledger } from "./ledger.js";
import type { Author, Seat } from "./seat.js";

/** Something that must hold does not. */
export class Breach extends Error {
  override readonly name = "Breach";
  readonly checker: string;
  constructor(checker: string, because: string) {
    super(`${checker}: ${because}`);
    this.checker = checker;
  }
}

export class Watch {
  readonly ledger = new Ledger();
  readonly entries: Entry[] = [];
  /** The first thing that did not hold. */
  breach: Breach | null = null;
  readonly #facts: Facts;
  #opener: Author | null = null;
  #fence: Fence | null = null;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** Throws a `Breach` at the first thing that does not hold. */
  entry(entry: Entry, author: Author | null): void {
    this.entries.push(entry);
    const { ledger } = this;
    const reading = { ledger, entry, event: entry.event, author, opener: this.#opener, facts: this.#facts };
    for (const { name, check } of [...shiftCheckers, ...courseCheckers]) {
      const because = check(reading);
      if (because !== null) this.#break(name, `entry ${entry.serial} (${entry.event.kind}): ${because}`);
    }
    if (author !== null) this.#pass(entry, author.seat);
    ledger.read(entry);
    if (entry.event.kind === "shift-begun") this.#opener = author;
  }

  #break(checker: string, because: string): never {
    const breach = new Breach(checker, because);
    this.breach ??= breach;
    throw breach;
  }

  /** What one pass of one engine may do. */
  #pass({ event }: Entry, { pass }: Seat): void {
    const { open, inForce } = this.ledger;
    if (event.kind === "shift-begun" && event.route.weight > confirmedWeight(this.ledger))
      pass.raises.add(event.route.weight);
    if (event.kind === "shift-done" && open !== null && inForce !== null && shares(open.route) !== shares(inForce))
      pass.moves.push(shares(open.route));
    if (pass.raises.size > 1) this.#break(oneMove, `the canary is raised to ${[...pass.raises].join(" and ")}`);
    if (pass.moves.length > 1) this.#break(oneMove, pass.moves.join(" then "));
  }

  /** A shift was put in force by the target. */
  landing(route: Route, fence: Fence): void {
    const { ledger } = this;
    if (this.#fence !== null && compareFences(fence, this.#fence) < 0)
      this.#break("fences only rise at the target", `${fence.serial} after ${this.#fence.serial}`);
    this.#fence = fence;
    if (this.#facts.brokenFallback() && !route.fallback)
      this.#break("a fallback that was switched on by breaking the glass stays on", `shift ${fence.serial} ends it`);
    const intent = ledger.intents.get(fence.serial);
    if (intent === undefined || routeKey(intent) !== routeKey(route))
      this.#break("the intent is recorded before its effect", `shift ${fence.serial} is not in the journal`);
    if (ledger.open === null || fence.serial > ledger.open.serial)
      this.#break("nothing lands that is not in doubt", `shift ${fence.serial} was settled or overtaken`);
  }
}

const oneMove = "a pass makes one weight change";

/** Each revision's share, as text. */
function shares({ stable, canary, weight, fallback }: Route): string {
  if (fallback) return "everybody on the fallback";
  const split = new Map([[stable, 10_000 - weight]]);
  if (canary !== null) split.set(canary, (split.get(canary) ?? 0) + weight);
  const held = [...split].filter(([, share]) => share > 0).sort();
  return held.map(([revision, share]) => `${revision.slice(0, 4)} ${share}`).join(", ");
}
