/** Makes the routing test vectors from the reference implementation. The published files are never changed: a test compares them with this. */
import { createHash } from "node:crypto";
import { referenceBucket, referenceFirstWeight, referenceHash } from "./routing-reference.js";

/** Repeatable ids without a generator of chance. */
function digits(name: string, length: number): string {
  return createHash("sha512").update(name).digest("hex").slice(0, length);
}

function uuid(name: string): string {
  const hex = digits(name, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join("-");
}

const salts = ["support/ro-1", "support/ro-2", "billing/ro-1", "s", "", "überweisung/ro-1"];
const plain = [
  ...Array.from({ length: 10 }, (_, length) => "abcdefghi".slice(0, length)),
  ...Array.from({ length: 24 }, (_, i) => uuid(`session ${i}`)),
  ...Array.from({ length: 8 }, (_, i) => String(i * 1009)),
  "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  "user@example.org",
  " ",
  "\u0000",
  "x".repeat(1000),
  "\u007f",
  "é",
  "e\u0301",
  "日本語のセッション",
  "сессия",
  "\u07ff\u0800\uffff",
  "😀",
  "a😀b",
  "\u{10ffff}",
];
const illFormed = ["\ud800", "\udc00", "a\ud83d", "\ude00b", "\ud83d\ud83d\ude00"];

const sessions = [
  ...plain.map((session) => ({ session, ill_formed: false })),
  ...illFormed.map((session) => ({ session, ill_formed: true })),
];

const murmur = {
  algo: "murmur3-32",
  cases: salts.flatMap((salt) =>
    sessions.map(({ session, ill_formed }) => ({
      salt,
      session,
      ...(ill_formed ? { ill_formed } : {}),
      hash: referenceHash(salt, session),
      canary_from_basis_points: referenceFirstWeight(salt, session),
    })),
  ),
};

const md5 = {
  algo: "md5-100",
  cases: sessions.map(({ session, ill_formed }) => ({
    session,
    ...(ill_formed ? { ill_formed } : {}),
    bucket: session === "" ? null : referenceBucket(session),
    canary_from_percent: session === "" ? null : referenceBucket(session) + 1,
  })),
};

/** The files by name. */
export const routingVectors: ReadonlyMap<string, string> = new Map(
  [murmur, md5].map(({ algo, cases }) => {
    const lines = cases.map((entry) => `    ${escaped(JSON.stringify(entry))}`);
    return [`${algo}.json`, `{\n  "format": 1,\n  "algo": "${algo}",\n  "cases": [\n${lines.join(",\n")}\n  ]\n}\n`];
  }),
);

/** ASCII alone, so that no editor and no version control touches the bytes. */
function escaped(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
