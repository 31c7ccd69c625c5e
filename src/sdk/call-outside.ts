// Calls what is not ours: hooks, listeners, logs.

/** Whatever it throws, at once or by a promise, goes to `failed`: a rejection that nobody handles would end the process. */
export function callOutside(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const answer = call();
    // Of any kind of promise, since some programs bring their own.
    if (typeof answer === "object" && answer !== null) Promise.resolve(answer).catch(failed);
  } catch (error) {
    failed(error);
  }
}
