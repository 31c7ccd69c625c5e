/** A memory comes back as it went in, or not at all. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { sealedText, unsealed } from "../../src/ports/sealed-memory.js";

const memory = {
  rollout: "support-4",
  watermark: 1_772_438_400_000,
  bets: [0.125, -3e-7],
  shared: { "ä \u{1f512}": null },
};

test("a sealed memory is what it was, whatever the order of its keys", () => {
  expect(unsealed(sealedText(memory))).toEqual(memory);
  expect(sealedText(Object.fromEntries(Object.entries(memory).reverse()))).toBe(sealedText(memory));
  expect(JSON.parse(sealedText(memory))).toMatchObject({ memory, seal: expect.stringMatching(/^sha256:/) });
});

test("whatever character is changed, cut or put in, it is none", () => {
  const text = sealedText(memory);
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.constantFrom("", "0", "9", '"', "}", "x"),
      fc.boolean(),
      (at, put, keeps) => {
        const damaged = `${text.slice(0, at)}${put}${text.slice(keeps ? at : at + 1)}`;
        expect(unsealed(damaged)).toEqual(damaged === text ? memory : null);
      },
    ),
  );
});

test.each(["", "{}", "null", "{", JSON.stringify(memory), '{"memory":{},"seal":"sha256:0"}'])("%s is none", (text) => {
  expect(unsealed(text)).toBeNull();
});
