// What the program's exit codes say: part of the public interface.

export const interrupted = { SIGINT: 130, SIGTERM: 143 } as const;

export const exitCodesHelp = `Exit codes:
  0    nothing to do, done, or holding
  1    error
  2    there are changes (plan --detailed-exitcode)
  10   the plan is stale
  11   another run holds the lock
  12   a gate fails (gate eval)
  13   a gate waits (gate eval)
  14   apply rolled something back
  15   an intent is unresolved: the next apply sets the target again
  130  interrupted (SIGINT); 143 for SIGTERM`;
