// The router's few words to its operators.

export type Log = (line: string) => void;

/** A log that cannot throw. Lines begin with `rollout: ` and go to standard error unless said otherwise. */
export function safeLog(log: Log | undefined): Log {
  const write = log ?? ((line: string) => process.stderr.write(`${line}\n`));
  return (line) => {
    try {
      write(`rollout: ${line}`);
    } catch {
      // A log that fails has nobody left to tell.
    }
  };
}
