// The router's few words to its operators.

import { callOutside } from "./call-outside.js";

export type Log = (line: string) => void;

/** A log that cannot throw. Lines begin with `rollout: `. */
export function safeLog(write: Log): Log {
  // A log that fails has nobody left to tell.
  return (line) =>
    callOutside(
      () => write(`rollout: ${line}`),
      () => {},
    );
}
