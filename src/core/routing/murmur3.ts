// MurmurHash3 x86 32 with seed 0 (Austin Appleby, public domain, github.com/aappleby/smhasher, MurmurHash3.cpp).
// The salt is hashed once when a route is prepared; a session then costs its own characters, and no memory.

import { eachUtf8Byte } from "./utf8.js";

const c1 = 0xcc9e2d51;
const c2 = 0x1b873593;
/** The bits that no ASCII character has, in both halves of a word. */
const notAscii = 0xff80ff80 | 0;

/** The hash after some bytes: the mixed words, and up to three bytes that do not make a word yet. */
export interface MurmurState {
  readonly hash: number;
  /** The waiting bytes, the first one lowest. */
  readonly rest: number;
  /** How many bits of `rest` are taken: 0, 8, 16 or 24. */
  readonly restBits: number;
  /** Bytes so far. */
  readonly length: number;
}

const start: MurmurState = { hash: 0, rest: 0, restBits: 0, length: 0 };

/** The state after the UTF-8 bytes of `text`. */
export function murmur3State(text: string, from: MurmurState = start): MurmurState {
  let { hash, rest, restBits, length } = from;
  eachUtf8Byte(text, (byte) => {
    rest |= byte << restBits;
    restBits += 8;
    length += 1;
    if (restBits < 32) return;
    hash = mixWord(hash, rest);
    rest = 0;
    restBits = 0;
  });
  return { hash, rest, restBits, length };
}

/** The hash of what `from` has seen, followed by the UTF-8 bytes of `key`: an unsigned 32-bit integer. */
export function murmur3(key: string, from: MurmurState = start): number {
  return signedMurmur3(key, from) >>> 0;
}

/** The same 32 bits as a signed integer, which the engine never puts on the heap: ASCII keys allocate nothing. */
export function signedMurmur3(key: string, from: MurmurState): number {
  return from.restBits === 0 ? alignedMurmur3(key, from) : shiftedMurmur3(key, from);
}

/** For a salt of whole words: the key's words are the hash's words. */
function alignedMurmur3(key: string, from: MurmurState): number {
  const { length } = key;
  let { hash, rest } = from;
  // All characters or-ed together, two and two side by side: where one is not ASCII, the bytes are not the characters.
  let seen = 0;
  let at = 0;
  for (; at + 3 < length; at += 4) {
    const even = key.charCodeAt(at) | (key.charCodeAt(at + 2) << 16);
    const odd = key.charCodeAt(at + 1) | (key.charCodeAt(at + 3) << 16);
    seen |= even | odd;
    hash = mixWord(hash, even | (odd << 8));
  }
  for (let bits = 0; at < length; at++, bits += 8) {
    const code = key.charCodeAt(at);
    seen |= code;
    rest |= code << bits;
  }
  if ((seen & notAscii) !== 0) return finish(murmur3State(key, from));
  return finalMix(mixRest(hash, rest), from.length + length);
}

/** For a salt that ends inside a word: each of the key's words lies across two of the hash's. */
function shiftedMurmur3(key: string, from: MurmurState): number {
  const { length } = key;
  const { restBits } = from;
  const left = 32 - restBits;
  let { hash, rest } = from;
  let seen = 0;
  let at = 0;
  for (; at + 3 < length; at += 4) {
    const even = key.charCodeAt(at) | (key.charCodeAt(at + 2) << 16);
    const odd = key.charCodeAt(at + 1) | (key.charCodeAt(at + 3) << 16);
    seen |= even | odd;
    const word = even | (odd << 8);
    hash = mixWord(hash, rest | (word << restBits));
    rest = word >>> left;
  }
  for (let bits = restBits; at < length; at++) {
    const code = key.charCodeAt(at);
    seen |= code;
    rest |= code << bits;
    bits += 8;
    if (bits < 32) continue;
    hash = mixWord(hash, rest);
    rest = 0;
    bits = 0;
  }
  if ((seen & notAscii) !== 0) return finish(murmur3State(key, from));
  return finalMix(mixRest(hash, rest), from.length + length);
}

function finish(state: MurmurState): number {
  return finalMix(mixRest(state.hash, state.rest), state.length);
}

function mixWord(hash: number, word: number): number {
  const mixed = hash ^ scramble(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** Scrambling nothing gives 0, so that no test for an empty rest is needed. */
function mixRest(hash: number, rest: number): number {
  return hash ^ scramble(rest);
}

function scramble(word: number): number {
  const turned = Math.imul(word, c1);
  return Math.imul((turned << 15) | (turned >>> 17), c2);
}

function finalMix(hash: number, length: number): number {
  let mixed = hash ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
