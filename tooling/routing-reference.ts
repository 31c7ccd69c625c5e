/** The routing rules once more, slowly and from their definitions: whole numbers without a limit, Node's UTF-8 and Node's MD5. */
import { createHash } from "node:crypto";

const mask = 0xffffffffn;
const rotated = (word: bigint, by: bigint) => ((word << by) | (word >> (32n - by))) & mask;

/** MurmurHash3_x86_32 as in SMHasher's MurmurHash3.cpp, over any bytes and with any seed. */
export function referenceMurmur3(bytes: Uint8Array, seed: number): number {
  let hash = BigInt(seed);
  const tailStart = bytes.length - (bytes.length % 4);
  for (let i = 0; i < bytes.length; i += 4) {
    const word = [0, 1, 2, 3].reduce((sum, j) => sum + (BigInt(bytes[i + j] ?? 0) << BigInt(8 * j)), 0n);
    const scrambled = (rotated((word * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask;
    hash ^= scrambled;
    if (i < tailStart) hash = (rotated(hash, 13n) * 5n + 0xe6546b64n) & mask;
  }
  hash ^= BigInt(bytes.length);
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & mask;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & mask;
  return Number(hash ^ (hash >> 16n));
}

/** The hash that routes: of the UTF-8 form of salt and session together, seed 0. */
export function referenceHash(salt: string, session: string): number {
  return referenceMurmur3(Buffer.from(salt + session, "utf8"), 0);
}

/** The smallest weight in basis points at which the session is on the canary: hash < ceil(weight * 2^32 / 10 000); null for never. */
export function referenceFirstWeight(salt: string, session: string): number | null {
  if (session === "") return null;
  const hash = BigInt(referenceHash(salt, session));
  // An integer lies below the ceiling of x exactly when it lies below x.
  return Number((hash * 10_000n) / 2n ** 32n + 1n);
}

/** The MD5 digest of the session's UTF-8 form as one big-endian integer, modulo 100. */
export function referenceBucket(session: string): number {
  return Number(BigInt(`0x${createHash("md5").update(session, "utf8").digest("hex")}`) % 100n);
}
