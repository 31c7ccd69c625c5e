// Why the system refused something, in its own words and without the paths of this machine.

import { getSystemErrorMap } from "node:util";
import { Fault } from "../../../ports/fault.js";

export function systemReason(error: unknown): string {
  if (error instanceof Fault) return error.message;
  const { errno, message } = error as NodeJS.ErrnoException;
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
}
