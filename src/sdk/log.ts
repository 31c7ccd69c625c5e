// The router's few words to its operators.

export type Log = (line: string) => void;

/** A log that cannot throw. Lines begin with `rollout: `. */
export function safeLog(write: Log): Log {
  return (line) => {
    try {
      write(`rollout: ${line}`);
    } catch {
      // A log that fails has nobody left to tell.
    }
  };
}
