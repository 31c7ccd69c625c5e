// MD5 (RFC 1321), for the field's simple rule alone: it spreads sessions, it protects nothing.

import { eachUtf8Byte } from "./utf8.js";

/** RFC 1321, 3.4: the integer part of 2^32 times abs(sin(i + 1)). */
const sines = Array.from({ length: 64 }, (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))) | 0);
const turns: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];

/** The 16 bytes of the digest of the text's UTF-8 form. */
export function md5(text: string): readonly number[] {
  const words = padded(text);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let at = 0; at < words.length; at += 16) addBlock(state, words, at);
  return state.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]);
}

/** The digest read as one big-endian integer, modulo `divisor` (at most 2^24). */
export function md5Modulo(text: string, divisor: number): number {
  return md5(text).reduce((remainder, byte) => (remainder * 256 + byte) % divisor, 0);
}

/** RFC 1321, 3.1 and 3.2: the bytes, a one bit, zeros, and the length in bits, as little-endian words. */
function padded(text: string): number[] {
  const words: number[] = [];
  let length = 0;
  const add = (byte: number) => {
    words[length >> 2] = (words[length >> 2] ?? 0) | (byte << ((length & 3) * 8));
    length += 1;
  };
  eachUtf8Byte(text, add);
  const bits = length * 8;
  add(0x80);
  while (length % 64 !== 56) add(0);
  words.push(bits | 0, Math.floor(bits / 2 ** 32));
  return words;
}

function addBlock(state: number[], words: readonly number[], at: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const { mix, word } = step({ round, i, b, c, d });
    const sum = (a + mix + (sines[i] ?? 0) + (words[at + word] ?? 0)) | 0;
    const turn = turns[round]?.[i & 3] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0];
  }
  for (const [i, value] of [a, b, c, d].entries()) state[i] = ((state[i] ?? 0) + value) | 0;
}

/** The function of the round, and which word of the block it takes. */
function step({ round, i, b, c, d }: { round: number; i: number; b: number; c: number; d: number }) {
  if (round === 0) return { mix: (b & c) | (~b & d), word: i };
  if (round === 1) return { mix: (d & b) | (~d & c), word: (5 * i + 1) & 15 };
  if (round === 2) return { mix: b ^ c ^ d, word: (3 * i + 5) & 15 };
  return { mix: c ^ (b | ~d), word: (7 * i) & 15 };
}
