// Which entry an append follows, beyond its number.

import { Fault } from "./fault.js";

/** The last entry of a journal; serial 0 and null where there is none. */
interface Last {
  readonly serial: number;
  readonly hash: string | null;
}

/**
 * Where one opened store has last loaded or written each journal. What it appends follows that entry, and no other one of the same
 * number: a copy that was restored, or a state that was imported, may have as many entries as the journal that was looked at.
 */
export class FollowedHeads {
  readonly #last = new Map<string, Last>();

  note(agent: string, last: Last): void {
    this.#last.set(agent, last);
  }

  /** Throws a `Fault` ("conflict") where the store's last entry is another one than was looked at. Of a journal that was not, only its number is known. */
  check(agent: string, { serial, hash }: Last): void {
    const known = this.#last.get(agent);
    if (known === undefined || known.serial !== serial || known.hash === hash) return;
    const because = `Entry ${serial} of the journal of ${agent} is another one than was looked at`;
    throw new Fault("conflict", `${because}: the state was replaced meanwhile. Nothing was written.`);
  }
}
