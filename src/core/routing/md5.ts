// MD5 (RFC 1321), for the field's simple rule alone: it spreads sessions, it protects nothing.

import { eachUtf8Byte } from "./utf8.js";

/** RFC 1321, 3.4: the integer part of 2^32 times abs(sin(i + 1)). */
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))) | 0);
/** By how many bits each operation turns, and which word of the block it takes. */
const turns = Uint8Array.from(
  { length: 64 },
  (_, i) => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21][(i >> 4) * 4 + (i & 3)] ?? 0,
);
const takes = Uint8Array.from(
  { length: 64 },
  (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i].map((word) => word & 15)[i >> 4] ?? 0,
);

// Of the digest under way. Nothing else runs in the middle of one, so all of them share the same memory.
const state = new Int32Array(4);
const block = new Int32Array(16);
let length = 0;

/** The 16 bytes of the digest of the text's UTF-8 form. */
export function md5(text: string): readonly number[] {
  digest(text);
  return [...state].flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]);
}

/** The digest read as one big-endian integer, modulo `divisor` (at most 2^24). */
export function md5Modulo(text: string, divisor: number): number {
  digest(text);
  let remainder = 0;
  for (const word of state) {
    for (let bits = 0; bits < 32; bits += 8) remainder = (remainder * 256 + ((word >>> bits) & 0xff)) % divisor;
  }
  return remainder;
}

/** Leaves the digest in `state`. RFC 1321, 3.1 and 3.2: behind the bytes go a one bit, zeros, and the length in bits. */
function digest(text: string): void {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
  block.fill(0);
  length = 0;
  eachUtf8Byte(text, addByte);
  const bits = length * 8;
  addByte(0x80);
  if ((length & 63) > 56) addBlock();
  block[14] = bits;
  block[15] = bits / 2 ** 32;
  addBlock();
}

function addByte(byte: number): void {
  const word = (length & 63) >> 2;
  block[word] = (block[word] ?? 0) | (byte << ((length & 3) * 8));
  length += 1;
  if ((length & 63) === 0) addBlock();
}

function addBlock(): void {
  const [a0, b0, c0, d0] = [state[0] ?? 0, state[1] ?? 0, state[2] ?? 0, state[3] ?? 0];
  let [a, b, c, d] = [a0, b0, c0, d0];
  for (let i = 0; i < 64; i++) {
    const sum = (a + mix(i >> 4, b, c, d) + (sines[i] ?? 0) + (block[takes[i] ?? 0] ?? 0)) | 0;
    const turn = turns[i] ?? 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
  }
  state[0] = a0 + a;
  state[1] = b0 + b;
  state[2] = c0 + c;
  state[3] = d0 + d;
  block.fill(0);
}

/** The function of the round. */
function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (d & b) | (~d & c);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}
