// The heartbeat of unattended applies: never two at once, none begun after a stop, the last one waited for.

import { schedule, validate } from "node-cron";

export interface Scheduler {
  /** Begins no further run and waits for the one in flight. */
  stop(): Promise<void>;
}

/** Whether the text is a cron expression of five or six fields. */
export function isCron(expression: string): boolean {
  return validate(expression);
}

/** Runs at once and then at every beat, in UTC. A beat that comes while a run is in flight is left out: the next one does what is due. */
export function startScheduler(expression: string, run: () => Promise<void>): Scheduler {
  let flight: Promise<void> | null = null;
  let stopped = false;
  const beat = (): void => {
    if (stopped || flight !== null) return;
    flight = run().finally(() => {
      flight = null;
    });
  };
  const task = schedule(expression, beat, { timezone: "UTC", noOverlap: true });
  beat();
  return {
    stop: async () => {
      stopped = true;
      await task.stop();
      await task.destroy();
      await flight;
    },
  };
}
