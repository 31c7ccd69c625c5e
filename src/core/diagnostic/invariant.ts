// Our own mistakes. Nothing catches this but the top; that agent stops, the others go on.

export class Bug extends Error {
  override readonly name = "Bug";
}

/** Throws a `Bug` when something that must hold does not. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}

/** Marks the end of a `switch` over a closed union. */
export function unreachable(value: never): never {
  throw new Bug(`unhandled case ${JSON.stringify(value)}`);
}
