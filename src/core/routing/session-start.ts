// When a session started, read from ids that carry their time of birth.

import type { Instant } from "../model/units.js";

const uuidLength = 36;
const ulidLength = 26;
/** An id that claims an earlier birth carries no time: it only looks like one that does. 2015-01-01T00:00:00Z. */
const oldest = 1_420_070_400_000;

/** The instant in a UUIDv7 (RFC 9562, 5.7) or a ULID (github.com/ulid/spec); null for any other id. */
export function sessionStart(session: string, now: Instant): Instant | null {
  const time =
    session.length === uuidLength ? uuidTime(session) : session.length === ulidLength ? ulidTime(session) : -1;
  return time >= oldest && time <= now ? (time as Instant) : null;
}

/** -1 when it is not a UUID of version 7. */
function uuidTime(id: string): number {
  // Most ids are of another version and are done here: this stands in the request path.
  if (id.charCodeAt(14) !== 0x37 || digitAt(id, 19, 16) >> 2 !== 2) return -1;
  if (![8, 13, 18, 23].every((place) => id.charCodeAt(place) === 0x2d)) return -1;
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

/** Crockford's base 32, of which the first sixteen are hexadecimal digits; either case. */
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function digitAt(id: string, place: number, base: 16 | 32): number {
  const code = id.charCodeAt(place);
  const digit = crockford.indexOf(String.fromCharCode(code >= 0x61 && code <= 0x7a ? code - 32 : code));
  return digit < base ? digit : -1;
}
