// Laws are data, so that any runner can put any provider before the same list.

/** One thing that holds for every provider of a door. `check` rejects when it does not. */
export interface Law<Bench> {
  readonly name: string;
  check(bench: Bench): Promise<void>;
}
