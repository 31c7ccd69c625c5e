// A program that makes a gateway read its configuration may start the gateway itself, and that one runs for ever.

import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { reload } from "../../src/providers/targets/nginx/reload.js";

const signal = new AbortController().signal;
const shell = (script: string) => reload({ root: tmpdir(), run: ["sh", "-c", script], signal, patience: 10_000 });
/** Holds both outputs open, until nobody hears it any more. */
const daemon = "while echo up && echo up >&2; do sleep 0.2; done &";

test("a program that leaves a daemon behind has ended when it has ended", { timeout: 20_000 }, async () => {
  await shell(`${daemon} exit 0`);
});

test("what it said before it failed is told, also then", { timeout: 20_000 }, async () => {
  await expect(shell("sleep 8 & echo 'no such file' >&2; exit 3")).rejects.toMatchObject({
    kind: "unreachable",
    message: expect.stringMatching(/ended with the code 3: no such file$/),
  });
});

test("a program that does not end is told so, and one that cannot be run", { timeout: 20_000 }, async () => {
  const late = reload({ root: tmpdir(), run: ["sleep", "20"], signal, patience: 200 });
  await expect(late).rejects.toMatchObject({ kind: "timeout", message: "sleep 20 did not end in time" });
  const nobody = reload({ root: tmpdir(), run: ["no-such-program"], signal });
  await expect(nobody).rejects.toMatchObject({ kind: "unreachable", message: "no-such-program cannot be run" });
});
