import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import type { WindowGate, WindowRule } from "../../../src/core/model/gate.js";
import type { Instant } from "../../../src/core/model/units.js";
import { openTemporalCalendar } from "../../../src/providers/calendars/temporal.js";

const calendar = openTemporalCalendar();

const everyDay = [1, 2, 3, 4, 5, 6, 7];

function at(text: string): Instant {
  return Temporal.Instant.from(text).epochMilliseconds as Instant;
}
function gate(windows: readonly WindowRule[], freezes: WindowGate["freezes"] = []): WindowGate {
  return { kind: "window", name: "window", skip: null, windows, freezes };
}
function hours(
  from: string,
  to: string,
  rest: { readonly days?: readonly number[]; readonly zone?: string } = {},
): WindowRule {
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  return { days: rest.days ?? everyDay, from: minutes(from), to: minutes(to), zone: rest.zone ?? "Europe/Berlin" };
}
const office = hours("09:00", "16:00", { days: [1, 2, 3, 4] });
const holidays = { from: at("2026-12-18T23:00Z"), to: at("2027-01-02T23:00Z"), because: "holiday season" };

interface Row {
  readonly name: string;
  readonly gate: WindowGate;
  readonly now: string;
  readonly open: boolean;
  readonly changesAt: string | null;
  readonly because: string;
}

const rows: readonly Row[] = [
  {
    name: "inside a window",
    gate: gate([office]),
    now: "2026-11-24T10:00Z",
    open: true,
    changesAt: "2026-11-24T15:00:00Z",
    because: "inside the window Mon-Thu 09:00-16:00 Europe/Berlin until Tue 2026-11-24 16:00 Europe/Berlin",
  },
  {
    name: "the first minute is inside",
    gate: gate([office]),
    now: "2026-11-24T08:00Z",
    open: true,
    changesAt: "2026-11-24T15:00:00Z",
    because: "until Tue 2026-11-24 16:00",
  },
  {
    name: "the end is outside",
    gate: gate([office]),
    now: "2026-11-24T15:00Z",
    open: false,
    changesAt: "2026-11-25T08:00:00Z",
    because:
      "outside the windows (Mon-Thu 09:00-16:00 Europe/Berlin): the next one opens Wed 2026-11-25 09:00 Europe/Berlin",
  },
  {
    name: "over the weekend",
    gate: gate([office]),
    now: "2026-11-26T16:00Z",
    open: false,
    changesAt: "2026-11-30T08:00:00Z",
    because: "opens Mon 2026-11-30 09:00",
  },
  {
    name: "the clocks went forward over the weekend",
    gate: gate([office]),
    now: "2027-03-26T12:00Z",
    open: false,
    changesAt: "2027-03-29T07:00:00Z",
    because: "opens Mon 2027-03-29 09:00",
  },
  {
    name: "a window that begins in the gap opens when the clocks have jumped",
    gate: gate([hours("02:30", "05:00")]),
    now: "2027-03-28T00:30Z",
    open: false,
    changesAt: "2027-03-28T01:00:00Z",
    because: "opens Sun 2027-03-28 03:00",
  },
  {
    name: "a window that ends in the gap closes when the clocks jump",
    gate: gate([hours("01:00", "02:30")]),
    now: "2027-03-28T00:30Z",
    open: true,
    changesAt: "2027-03-28T01:00:00Z",
    because: "until Sun 2027-03-28 03:00",
  },
  {
    name: "a window that lies in the gap does not open that day",
    gate: gate([hours("02:15", "02:45")]),
    now: "2027-03-28T00:30Z",
    open: false,
    changesAt: "2027-03-29T00:15:00Z",
    because: "opens Mon 2027-03-29 02:15",
  },
  {
    name: "a window in the repeated hour: open the first time",
    gate: gate([hours("02:15", "02:45")]),
    now: "2026-10-25T00:20Z",
    open: true,
    changesAt: "2026-10-25T00:45:00Z",
    because: "until Sun 2026-10-25 02:45",
  },
  {
    name: "a window in the repeated hour: and the second time",
    gate: gate([hours("02:15", "02:45")]),
    now: "2026-10-25T00:50Z",
    open: false,
    changesAt: "2026-10-25T01:15:00Z",
    because: "opens Sun 2026-10-25 02:15",
  },
  {
    name: "a window that ends in the repeated hour opens again when the clocks go back",
    gate: gate([hours("01:00", "02:30")]),
    now: "2026-10-25T00:40Z",
    open: false,
    changesAt: "2026-10-25T01:00:00Z",
    because: "opens Sun 2026-10-25 02:00",
  },
  {
    name: "a window around the repeated hour is one hour longer",
    gate: gate([hours("01:00", "05:00")]),
    now: "2026-10-25T00:40Z",
    open: true,
    changesAt: "2026-10-25T04:00:00Z",
    because: "until Sun 2026-10-25 05:00",
  },
  {
    name: "midnight that a clock change skips",
    gate: gate([hours("00:00", "06:00", { zone: "Africa/Cairo" })]),
    now: "2026-04-23T21:30Z",
    open: false,
    changesAt: "2026-04-23T22:00:00Z",
    because: "opens Fri 2026-04-24 01:00 Africa/Cairo",
  },
  {
    name: "the end of a day runs into the next day's window",
    gate: gate([hours("22:00", "24:00"), hours("00:00", "06:00")]),
    now: "2026-11-24T22:00Z",
    open: true,
    changesAt: "2026-11-25T05:00:00Z",
    because: "inside the window Mon-Sun 22:00-24:00",
  },
  {
    name: "two zones at the two ends of the world",
    gate: gate([
      hours("00:00", "01:00", { zone: "Pacific/Kiritimati" }),
      hours("12:00", "13:00", { zone: "Pacific/Pago_Pago" }),
    ]),
    now: "2026-11-24T09:59Z",
    open: false,
    changesAt: "2026-11-24T10:00:00Z",
    because: "Pacific/Kiritimati",
  },
  {
    name: "a freeze closes a window",
    gate: gate([office], [holidays]),
    now: "2026-12-22T10:00Z",
    open: false,
    changesAt: "2027-01-04T08:00:00Z",
    because:
      "frozen until Sun 2027-01-03 00:00 Europe/Berlin: holiday season, and the next window opens Mon 2027-01-04 09:00 Europe/Berlin",
  },
  {
    name: "a window ends early where a freeze begins",
    gate: gate([office], [{ ...holidays, from: at("2026-12-17T12:00Z") }]),
    now: "2026-12-17T10:00Z",
    open: true,
    changesAt: "2026-12-17T12:00:00Z",
    because: "until Thu 2026-12-17 13:00",
  },
  {
    name: "a freeze alone",
    gate: gate([], [holidays]),
    now: "2026-12-22T10:00Z",
    open: false,
    changesAt: "2027-01-02T23:00:00Z",
    because: "frozen until Sat 2027-01-02 23:00 UTC: holiday season",
  },
  {
    name: "two freezes that touch",
    gate: gate([], [holidays, { from: holidays.to, to: at("2027-01-10T00:00Z"), because: "stock-taking" }]),
    now: "2026-12-22T10:00Z",
    open: false,
    changesAt: "2027-01-10T00:00:00Z",
    because: "holiday season, and the next window opens Sun 2027-01-10 00:00 UTC",
  },
  {
    name: "nothing is asked",
    gate: gate([]),
    now: "2026-12-22T10:00Z",
    open: true,
    changesAt: null,
    because: "no window is asked for and no freeze is on",
  },
  {
    name: "always open, over a year and its clock changes",
    gate: gate([hours("00:00", "24:00")]),
    now: "2026-12-22T10:00Z",
    open: true,
    changesAt: null,
    because: "inside the window Mon-Sun 00:00-24:00 Europe/Berlin",
  },
  {
    name: "frozen for longer than a year",
    gate: gate([office], [{ ...holidays, to: at("2030-01-01T00:00Z") }]),
    now: "2026-12-22T10:00Z",
    open: false,
    changesAt: null,
    because: "frozen until Tue 2030-01-01 01:00 Europe/Berlin: holiday season",
  },
];

describe("windows and freezes", () => {
  test.each(rows)("$name", async (row) => {
    const seen = await calendar.look(row.gate, at(row.now));
    expect({ open: seen.open, changesAt: seen.changesAt }).toEqual({
      open: row.open,
      changesAt: row.changesAt === null ? null : at(row.changesAt),
    });
    expect(seen.because).toContain(row.because);
  });

  test("the next change is the first moment that differs, through both clock changes", async () => {
    const sights: readonly WindowGate[] = [gate([hours("01:30", "02:30"), hours("02:45", "03:15")]), gate([office])];
    for (const sight of sights) {
      for (const start of ["2026-10-24T12:00Z", "2027-03-27T12:00Z"]) {
        let now = at(start);
        for (let step = 0; step < 6; step += 1) {
          const { open, changesAt } = await calendar.look(sight, now);
          if (changesAt === null) throw new Error("these windows open and close every week");
          const quarter = 900_000;
          const between = Math.min(Math.floor((changesAt - 1 - now) / quarter), 24);
          const before = Array.from({ length: between }, (_, index) => (changesAt - (index + 1) * quarter) as Instant);
          for (const moment of [...before, (changesAt - 1) as Instant]) {
            expect((await calendar.look(sight, moment)).open, new Date(moment).toISOString()).toBe(open);
          }
          expect((await calendar.look(sight, changesAt)).open).toBe(!open);
          now = changesAt;
        }
      }
    }
  });
});
