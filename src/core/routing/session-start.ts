// When a session started, read from ids that carry their time of birth.

import type { Instant } from "../model/units.js";

const uuidLength = 36;
const ulidLength = 26;
/** An id that claims an earlier birth carries no time: it only looks like one that does. 2015-01-01T00:00:00Z. */
const oldest = 1_420_070_400_000;

/** The instant in a UUIDv7 (RFC 9562, 5.7) or a ULID (github.com/ulid/spec); null for any other id. */
export function sessionStart(session: string, now: Instant): Instant | null {
  const time = timeInId(session);
  return time <= now ? (time as Instant) : null;
}

/** Whether the id may carry a time at all. Most do not, and are done with one look: this stands in the request path. */
export function mayCarryTime(session: string): boolean {
  return session.length === uuidLength ? session.charCodeAt(14) === 0x37 : session.length === ulidLength;
}

/** Milliseconds since the epoch, in the future too; NaN where the id carries none. */
export function timeInId(session: string): number {
  if (!mayCarryTime(session)) return Number.NaN;
  const time = session.length === uuidLength ? uuidTime(session) : ulidTime(session);
  return time >= oldest ? time : Number.NaN;
}

/** -1 when it is not a UUID; its version is looked at before. */
function uuidTime(id: string): number {
  if (digitAt(id, 19, 16) >> 2 !== 2) return -1;
  if (!hasDash(id, 8) || !hasDash(id, 13) || !hasDash(id, 18) || !hasDash(id, 23)) return -1;
  let time = 0;
  for (let i = 0; i < 13; i++) {
    if (i === 8) continue;
    const digit = digitAt(id, i, 16);
    if (digit < 0) return -1;
    time = time * 16 + digit;
  }
  return time;
}

/** -1 when it is not a ULID. All 26 characters are looked at, since other ids may have that length. */
function ulidTime(id: string): number {
  let time = 0;
  for (let i = 0; i < ulidLength; i++) {
    const digit = digitAt(id, i, 32);
    if (digit < 0) return -1;
    if (i < 10) time = time * 32 + digit;
  }
  return time;
}

function hasDash(id: string, place: number): boolean {
  return id.charCodeAt(place) === 0x2d;
}

/** Crockford's base 32, of which the first sixteen are hexadecimal digits; either case. By ASCII code, -1 for what is no digit. */
const digits: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(String.fromCharCode(code).toUpperCase()),
);

function digitAt(id: string, place: number, base: 16 | 32): number {
  const digit = digits[id.charCodeAt(place)] ?? -1;
  return digit < base ? digit : -1;
}
