import fc from "fast-check";
import { expect, test } from "vitest";
import {
  armOf,
  type SessionTrack,
  startOf,
  trackRecord,
  trackTask,
  unknownSession,
} from "../../../src/core/metric/session-track.js";
import type { SessionRecord } from "../../../src/core/metric/task-record.js";
import type { AgentId, Instant, RevisionId } from "../../../src/core/model/units.js";

const revisions = fc.constantFrom("r-a" as RevisionId, "r-b" as RevisionId, null);
const users = fc.constantFrom("u1", "u2", null);
const times = fc.integer({ min: 0, max: 5 }).map((time) => time as Instant);
const tasks = fc.record({
  id: fc.constantFrom("a", "b", "c", "d"),
  startedAt: times,
  revision: revisions,
  user: users,
});
const records = fc
  .record({ startedAt: times, endedAt: fc.option(times), revision: revisions, user: users })
  .map((parts): SessionRecord => ({ session: "s", agent: "support" as AgentId, ...parts }));
type Arrival = (track: SessionTrack) => SessionTrack;
const arrivals = fc.array(
  fc.oneof(
    tasks.map(
      (task): Arrival =>
        (track) =>
          trackTask(track, task),
    ),
    records.map(
      (record): Arrival =>
        (track) =>
          trackRecord(track, record),
    ),
  ),
  { minLength: 1, maxLength: 8 },
);
const follow = (list: readonly Arrival[]): SessionTrack =>
  list.reduce((track, arrive) => arrive(track), unknownSession);

test("two tasks of one id are one task: ids tell tasks of one start apart", () => {
  const at = { startedAt: 1 as Instant, user: null };
  const track = follow([
    (before) => trackTask(before, { id: "b", revision: "r-b" as RevisionId, ...at }),
    (before) => trackTask(before, { id: "a", revision: "r-a" as RevisionId, ...at }),
  ]);
  expect(armOf(track)).toBe("r-a");
});

test("any order of arrival gives the same start, and more arrivals never a later one", () => {
  fc.assert(
    fc.property(arrivals, fc.infiniteStream(fc.nat()), (list, dice) => {
      const keyed = list.map((arrive) => ({ arrive, key: dice.next().value ?? 0 }));
      const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ arrive }) => arrive);
      expect(startOf(follow(shuffled))).toBe(startOf(follow(list)));
      for (let count = 1; count < list.length; count++) {
        expect(startOf(follow(list))).toBeLessThanOrEqual(startOf(follow(list.slice(0, count))));
      }
    }),
  );
});

test("any order of distinct tasks and one record gives the same track", () => {
  const distinct = fc.uniqueArray(tasks, { selector: ({ id }) => id, minLength: 1 });
  fc.assert(
    fc.property(distinct, records, fc.nat(4), (list, record, place) => {
      const arrivals: readonly Arrival[] = list.map((task) => (track) => trackTask(track, task));
      const withRecord: Arrival = (track) => trackRecord(track, record);
      const expected = follow([withRecord, ...arrivals]);
      expect(follow([...arrivals.slice(0, place), withRecord, ...arrivals.slice(place)])).toEqual(expected);
      expect(follow([...[...arrivals].reverse(), withRecord])).toEqual(expected);
      expect(armOf(expected)).toBe(record.revision ?? armOf(follow(arrivals)));
    }),
  );
});

test("a session reported at its start and again at its end is one, whichever comes first", () => {
  const begun: SessionRecord = {
    session: "s",
    agent: "support" as AgentId,
    user: null,
    startedAt: 1 as Instant,
    endedAt: null,
    revision: "r-a" as RevisionId,
  };
  const ended = { ...begun, endedAt: 9 as Instant, revision: null };
  const expected = { startedAt: 1, endedAt: 9, revision: "r-a" };
  expect(trackRecord(trackRecord(unknownSession, begun), ended).record).toEqual(expected);
  expect(trackRecord(trackRecord(unknownSession, ended), begun).record).toEqual(expected);
});
