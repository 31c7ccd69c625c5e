import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareDecimals,
  decimalOf,
  decimalText,
  meanOf,
  minus,
  parseDecimal,
  plus,
  quotient,
  rounded,
} from "../../../src/core/gate/decimal.js";

function read(text: string) {
  const value = parseDecimal(text);
  if (value === null) throw new Error(`${text} is no decimal`);
  return value;
}

describe("decimal", () => {
  it.each([
    ["0.85", "0.85"],
    ["0.850", "0.85"],
    [".5", "0.5"],
    ["1.", "1"],
    ["-0.10", "-0.1"],
    ["-0", "0"],
    ["1e-7", "0.0000001"],
    ["12E2", "1200"],
    ["+3", "3"],
  ])("reads %s as %s", (text, expected) => {
    expect(decimalText(read(text))).toBe(expected);
  });

  it.each(["", ".", "NaN", "Infinity", "0x1", "1,5", "1e99999", "85%"])("refuses %j", (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  it("subtracts where binary floats slip", () => {
    expect(0.9 - 0.85 <= 0.05).toBe(false);
    expect(decimalText(minus(read("0.90"), read("0.85")))).toBe("0.05");
  });

  it.each([
    ["1", "3", "0.333333333333"],
    ["2", "3", "0.666666666667"],
    ["-2", "3", "-0.666666666667"],
    ["17", "20", "0.85"],
    ["0.5", "4", "0.125"],
  ])("divides %s by %s", (a, b, expected) => {
    expect(decimalText(quotient(read(a), read(b)))).toBe(expected);
  });

  it("swallows a float's accident when rounded", () => {
    expect(decimalText(rounded(read("0.8499999999999999")))).toBe("0.85");
    expect(decimalText(rounded(read("0.30000000000000004")))).toBe("0.3");
  });

  it("keeps shares that lie a margin apart exactly so after rounding", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.integer({ min: 0, max: 100 }),
        (n, k, hundredths) => {
          const share = quotient({ digits: BigInt(k), scale: 0 }, { digits: BigInt(n), scale: 0 });
          const higher = quotient(
            { digits: BigInt(100 * k + hundredths * n), scale: 0 },
            { digits: BigInt(100 * n), scale: 0 },
          );
          expect(decimalText(minus(higher, share))).toBe(decimalText({ digits: BigInt(hundredths), scale: 2 }));
        },
      ),
    );
  });

  it("orders and adds like whole numbers at one scale", () => {
    const decimal = fc.record({
      digits: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
      scale: fc.integer({ min: 0, max: 6 }),
    });
    const millionths = (value: { digits: bigint; scale: number }) => value.digits * 10n ** BigInt(6 - value.scale);
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(millionths(plus(a, b))).toBe(millionths(a) + millionths(b));
        expect(Math.sign(compareDecimals(a, b))).toBe(
          millionths(a) < millionths(b) ? -1 : millionths(a) > millionths(b) ? 1 : 0,
        );
        expect(compareDecimals(read(decimalText(a)), a)).toBe(0);
      }),
    );
  });

  it("means of floats are exact", () => {
    const values = [0.1, 0.2, 0.3].map((value) => decimalOf(value) ?? read("9"));
    expect(decimalText(meanOf(values) ?? read("9"))).toBe("0.2");
    expect(meanOf([])).toBeNull();
  });
});
