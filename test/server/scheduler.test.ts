/** The heartbeat on a virtual clock: in UTC, never two at once, none behind a stop. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isCron, startScheduler } from "../../src/server/scheduler.js";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 2, 29, 0, 58) });
});
afterEach(() => {
  vi.useRealTimers();
});

const minute = 60_000;

test("at once, and then at every beat, through the hour that summer time takes away", async () => {
  const beats: string[] = [];
  const scheduler = startScheduler("*/5 * * * *", async () => {
    beats.push(new Date().toISOString().slice(11, 16));
  });
  await vi.advanceTimersByTimeAsync(70 * minute);
  await scheduler.stop();
  expect(beats.slice(0, 4)).toEqual(["00:58", "01:00", "01:05", "01:10"]);
  expect(beats).toHaveLength(15);
});

test("a beat that comes while a run is in flight is left out, and the next one is not", async () => {
  let running = 0;
  let most = 0;
  const runs: number[] = [];
  const scheduler = startScheduler("* * * * *", async () => {
    most = Math.max(most, ++running);
    runs.push(Date.now());
    await new Promise((resolve) => setTimeout(resolve, 2.5 * minute));
    running -= 1;
  });
  await vi.advanceTimersByTimeAsync(10 * minute);
  const stopped = scheduler.stop();
  await vi.advanceTimersByTimeAsync(5 * minute);
  await stopped;
  expect([most, runs.length]).toEqual([1, 4]);
});

test("a stop waits for the run in flight, and begins no other", async () => {
  let ended = false;
  let count = 0;
  const scheduler = startScheduler("* * * * *", async () => {
    count += 1;
    await new Promise((resolve) => setTimeout(resolve, 3 * minute));
    ended = true;
  });
  const stopped = scheduler.stop().then(() => ended);
  await vi.advanceTimersByTimeAsync(10 * minute);
  expect([await stopped, count]).toEqual([true, 1]);
});

test.each([
  ["* * * * *", true],
  ["*/30 * * * * *", true],
  ["0 9 * * mon-fri", true],
  ["", false],
  ["* * * *", false],
  ["hourly", false],
  ["99 * * * *", false],
])("%j is a schedule: %s", (text, expected) => {
  expect(isCron(text)).toBe(expected);
});
