// The PostgreSQL server of this run of tests.

import { randomBytes } from "node:crypto";
import { inject } from "vitest";

/** The address of an empty place for one test: a schema of its own. */
export async function postgresUrl(): Promise<string> {
  const response = await fetch(inject("postgres"));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return `${text}?schema=t_${randomBytes(6).toString("hex")}`;
}
