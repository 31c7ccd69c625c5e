// Where the state is kept, in one text: a file of this repository, a PostgreSQL database, or an orphan branch of the repository.

import type { StateSpec } from "../../core/model/spec.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";
import { parsePath } from "./repository-path.js";

/** `sqlite:PATH`, `postgres://…`, `postgres:$VARIABLE` or `git:BRANCH`, which may end in `?workspace=kept`. A password has no place in a file that is committed. */
export function parseStateAddress(input: unknown): Parsed<StateSpec> {
  if (typeof input !== "string") return refused(`The state is a text, not ${nameOf(input)}.`);
  const text = input.trim();
  const rest = text.slice(text.indexOf(":") + 1);
  if (text.startsWith("sqlite:")) {
    const path = parsePath(rest);
    return path.ok ? accepted({ kind: "sqlite", path: path.value }) : path;
  }
  if (/^postgres(ql)?:/.test(text)) return parsePostgres(text, rest);
  if (text.startsWith("git:")) return parseBranch(rest);
  return refused(
    "The state is kept in a place that is not known here.",
    "Write sqlite:.rollout/state.db, postgres://user@host/database, postgres:$DATABASE_URL or git:rollout-state.",
  );
}

function parsePostgres(text: string, rest: string): Parsed<StateSpec> {
  const variable = /^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$/.exec(rest)?.[1];
  if (variable !== undefined) return accepted({ kind: "postgres", from: "environment", variable });
  if (!rest.startsWith("//") || !URL.canParse(text)) {
    const hint = /^[A-Za-z_][A-Za-z0-9_]*$/.test(rest) ? `postgres:$${rest}` : "postgres://user@host:5432/database";
    return refused("The address of the database is none.", `Write ${hint}.`);
  }
  const url = new URL(text);
  if (url.password !== "" || url.searchParams.has("password")) {
    return refused(
      "The address of the database holds a password, and the spec is committed.",
      "Write postgres:$DATABASE_URL, and set DATABASE_URL where rollout runs; or leave the password out and set PGPASSWORD.",
    );
  }
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.test(name));
  if (unknown !== undefined)
    return refused(
      `"${unknown}" is nothing that the address of a database takes.`,
      "Write ?schema=, ?sslmode=, ?statement_timeout=, ?lock_timeout= or another parameter of libpq.",
    );
  return accepted({ kind: "postgres", from: "address", url: text });
}

/** What libpq knows, and our own: a misspelt `schema` would put the state where another project's is. */
const parameters = new RegExp(
  `^(?:${[
    "schema|(?:statement|lock|query|idle_in_transaction_session)_timeout|uselibpqcompat|ssl\\w*|gss\\w+",
    "host|hostaddr|port|dbname|user|passfile|service|options|(?:fallback_)?application_name|client_encoding",
    "connect_timeout|tcp_user_timeout|keepalives\\w*|channel_binding|require\\w+|krbsrvname|target_session_attrs|replication",
  ].join("|")})$`,
);

const keptWorkspace = "?workspace=kept";

/** What git allows as a branch, and a little less. */
function parseBranch(text: string): Parsed<StateSpec> {
  const workspace = text.endsWith(keptWorkspace) ? "kept" : "fresh";
  const branch = workspace === "kept" ? text.slice(0, -keptWorkspace.length) : text;
  const allowed = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/.test(branch) && !/\.\.|\/\/|\.lock(\/|$)|[./]$/.test(branch);
  const [name, option] = branch.split("?");
  if (option !== undefined)
    return refused(
      `"?${option}" is nothing that a branch takes.`,
      `Write git:${name}, or git:${name}${keptWorkspace}.`,
    );
  if (!allowed) return refused(`"${branch}" cannot be the name of a branch.`, "Write git:rollout-state.");
  return accepted({ kind: "git", branch, workspace });
}
