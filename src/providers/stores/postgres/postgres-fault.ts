// What a server, or the way to it, did wrong, as a `Fault` with the place and what to do. Never with the address, which may hold a password.

import { Fault } from "../../../ports/fault.js";

/** Codes of https://www.postgresql.org/docs/current/errcodes-appendix.html, and of Node's sockets. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** The connection is gone, or never was: whatever was not acknowledged may or may not have been done. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== null && /^(E[A-Z]+|08...|57P0[1-5])$/.test(code)) return true;
  // The driver says these in words alone.
  return (
    code === null &&
    /Connection terminated|timeout exceeded when trying to connect|not queryable|Client was closed/.test(textOf(error))
  );
}

/** Anything that is not the server's, the network's or the disk's doing is our own mistake, and stays what it is. */
export function postgresFault(error: unknown, place: string): unknown {
  if (error instanceof Fault) return error;
  const because = textOf(error);
  const fault = (kind: Fault["kind"], message: string): Fault => new Fault(kind, message, { cause: error });
  if (isConnectionLost(error)) {
    return fault(
      "unreachable",
      `${capital(place)} cannot be reached: ${because}. See that the server runs and lets this machine in; traffic stays as it is. To take a canary's traffic away without the state: rollout abort AGENT --break-glass.`,
    );
  }
  if (because === "Query read timeout") {
    return fault("timeout", `${capital(place)} did not answer in time. Run the command again.`);
  }
  const code = codeOf(error) ?? "";
  const known = remedies.find(({ codes }) => codes.test(code));
  return known === undefined ? error : fault(known.kind, `${capital(place)} ${known.says(because)}`);
}

interface Remedy {
  readonly codes: RegExp;
  readonly kind: Fault["kind"];
  /** What follows the place. */
  readonly says: (because: string) => string;
}

const remedies: readonly Remedy[] = [
  {
    codes: /^(57014|55P03|25P03|25P04)$/,
    kind: "timeout",
    says: (because) =>
      `was busy for too long: ${because}. Run the command again; if it stays so, look for a lock in pg_stat_activity.`,
  },
  {
    codes: /^(40001|40P01)$/,
    kind: "conflict",
    says: (because) => `was written by somebody else at the same time: ${because}. Run the command again.`,
  },
  {
    codes: /^(28...|3D000)$/,
    kind: "rejected",
    says: (because) =>
      `does not let rollout in: ${because}. Check the user, the database and the password (in the variable, PGPASSWORD or ~/.pgpass).`,
  },
  {
    codes: /^42501$/,
    kind: "rejected",
    says: (because) =>
      `does not allow it: ${because}. The user of rollout must own the schema, or be granted CREATE on the database to make it.`,
  },
  {
    codes: /^25006$/,
    kind: "rejected",
    says: (because) => `can only be read: ${because}. Name the primary server, not a standby.`,
  },
  {
    codes: /^53300$/,
    kind: "unreachable",
    says: (because) => `has no connection left: ${because}. Raise max_connections, or close other clients.`,
  },
  { codes: /^(53...|58...)$/, kind: "unreachable", says: (because) => `cannot be read or written: ${because}.` },
  {
    codes: /^(XX...|42P01|42703|3F000)$/,
    kind: "rejected",
    says: (because) => `is damaged: ${because}. Restore it from a backup; traffic stays as it is.`,
  },
];

/** A name that has several addresses fails with one error for each, and no words of its own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
