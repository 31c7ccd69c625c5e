// Calls what is not ours: hooks, listeners, logs.

/** Whatever it throws, at once or by a promise, goes to `failed` as a text: a rejection that nobody handles would end the process. */
export function callOutside(call: () => unknown, failed: (because: string) => void): void {
  try {
    const answer = call();
    // Of any kind of promise, since some programs bring their own.
    if (typeof answer === "object" && answer !== null)
      Promise.resolve(answer).catch((error: unknown) => failed(worded(error)));
  } catch (error) {
    failed(worded(error));
  }
}

/** Anything can be thrown, also what has no text. */
function worded(error: unknown): string {
  try {
    return String(error);
  } catch {
    return `(${typeof error})`;
  }
}
