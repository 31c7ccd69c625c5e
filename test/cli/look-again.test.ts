/** Looking again and again: by the clock, at once when told, and no more when asked to stop. */
import { expect, test } from "vitest";
import { lookAgain } from "../../src/cli/look-again.js";

const never = 3_600_000;

test("a change is looked at at once; what comes during a look is one more look; a stop ends it", async () => {
  const stop = new AbortController();
  let changed = (): void => undefined;
  let ended = false;
  const close = async () => {
    ended = true;
  };
  const watch = async (tell: () => void) => {
    changed = tell;
    setImmediate(tell);
    return { close };
  };
  let looks = 0;
  await lookAgain({ everyMs: never, stop: stop.signal, watch }, async () => {
    looks += 1;
    if (looks === 1) for (let count = 0; count < 3; count++) changed();
    else stop.abort();
  });
  expect(looks).toBe(2);
  expect(ended).toBe(true);
});

test("without a word it looks by the clock", async () => {
  const stop = new AbortController();
  let looks = 0;
  const watch = async () => ({ close: async () => undefined });
  await lookAgain({ everyMs: 1, stop: stop.signal, watch }, async () => {
    looks += 1;
    if (looks === 3) stop.abort();
  });
  expect(looks).toBe(3);
});

test("a watch is ended also where a look fails", async () => {
  let ended = false;
  const close = async () => {
    ended = true;
  };
  const watch = async () => ({ close });
  const rounds = { everyMs: 1, stop: new AbortController().signal, watch };
  await expect(lookAgain(rounds, () => Promise.reject(new Error("a bug")))).rejects.toThrow("a bug");
  expect(ended).toBe(true);
});
