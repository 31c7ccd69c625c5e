// What the outside does wrong: thrown by a provider, caught in one place in the engine, turned into a decision and an entry.

export type FaultKind = "unreachable" | "timeout" | "throttled" | "rejected" | "conflict" | "unsupported";

export class Fault extends Error {
  override readonly name = "Fault";
  readonly kind: FaultKind;
  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
