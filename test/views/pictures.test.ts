/** Verdict pictures: the files in golden/ are what people get, and a change of theirs is reviewed as a diff. */
import { describe, expect, it, test } from "vitest";
import type { MetricPicture } from "../../src/core/model/gate-picture.js";
import { niceValues, placeOf, pointAt, valueSpan } from "../../src/views/chart-scale.js";
import { standingText, trendOf, valueText } from "../../src/views/picture-words.js";
import { pictureSvg } from "../../src/views/svg/picture-svg.js";
import { pictureChart, pictureCharts } from "../../src/views/text/picture-chart.js";
import { pictureLines } from "../../src/views/text/picture-lines.js";
import { firstLook, picture } from "./picture-samples.js";
import { plain } from "./samples.js";

const [success, cost, latency] = picture.metrics as readonly [MetricPicture, MetricPicture, MetricPicture];
const spaced = (text: string): string => text.replaceAll("\u00a0", " ");

test.each([
  ["task_success_rate", picture, success],
  ["mean_cost_usd", picture, cost],
  ["p95_latency_sec", picture, latency],
  ["first-look", firstLook, firstLook.metrics[0] as MetricPicture],
] as const)("the drawing of %s", async (name, whole, metric) => {
  await expect(pictureSvg("support", whole, metric)).toMatchFileSnapshot(`golden/picture-${name}.svg`);
});

test("a drawing has a title and a description, no script, and names from outside cannot break out of it", () => {
  const svg = pictureSvg('</title><script>"a&b"', { ...picture, gate: "<b>" }, success);
  expect(svg).toContain("&lt;/title&gt;&lt;script&gt;&quot;a&amp;b&quot;");
  expect(svg).not.toMatch(/<script|<b>|NaN|Infinity|undefined/);
  expect(svg).toMatch(/<title id="title">.+<\/title>\n<desc id="description">.+proven worse.+full fails/);
});

test.each([
  ["unicode", 100],
  ["unicode", 40],
  ["ascii", 80],
] as const)("charts in %s at %d columns", async (letters, width) => {
  const style = { ...plain, width, unicode: letters === "unicode" };
  const lines = [picture, firstLook].flatMap((each) => [
    ...pictureLines(each, style, "    "),
    "",
    ...pictureCharts(each, style, "  "),
    "",
  ]);
  await expect(`${spaced(lines.join("\n"))}\n`).toMatchFileSnapshot(`golden/picture-${letters}-${width}.txt`);
});

test("every line of a chart fits, down to the narrowest terminal", () => {
  for (const width of [40, 60, 80, 120]) {
    const lines = [
      ...pictureLines(picture, { ...plain, width }, "    "),
      ...pictureCharts(picture, { ...plain, width }, "  "),
    ];
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  }
});

test("colour says nothing that the signs do not", () => {
  const colored = pictureCharts(picture, { ...plain, color: true }, "").join("\n");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is made of them
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(pictureCharts(picture, plain, "").join("\n"));
});

describe("worse and better", () => {
  const of = (worse: "up" | "down", low: number, high: number): MetricPicture => ({
    ...cost,
    worse,
    points: [{ at: picture.from, weight: 500 as never, estimate: (low + high) / 2, low, high }],
  });
  it.each([
    ["up", 0.01, 0.2, "worse", "worse"],
    ["up", -0.2, -0.01, "better", "better"],
    ["up", -0.01, 0.2, "none", "no difference seen"],
    ["down", 0.01, 0.2, "better", "better"],
    ["down", -0.2, -0.01, "worse", "worse"],
    ["down", -0.2, 0, "none", "no difference seen"],
  ] as const)(
    "are said where the interval leaves 0 out: worse is %s, [%d, %d]",
    (...[worse, low, high, trend, said]) => {
      expect(trendOf(of(worse, low, high))).toBe(trend);
      expect(standingText(of(worse, low, high))).toBe(said);
    },
  );
  it("what is proven comes first", () => {
    expect(standingText({ ...of("up", -1, 1), state: "worse" })).toBe("proven worse");
    expect(standingText({ ...of("up", -1, 1), state: "not-worse" })).toBe("within the margin");
    expect(standingText({ ...of("up", -1, 1), points: [] })).toBe("no values");
  });
});

test.each([
  ["points", -0.0612, "-6.1 pp"],
  ["points", 0.05, "+5 pp"],
  ["points", 0.0001, "0"],
  ["relative", 0.2, "+20 %"],
  ["relative", 1.5, "+150 %"],
  ["exceedance", -0.004, "-0.4 pp"],
  ["units", 0.01234, "+0.0123"],
  ["units", -1234, "-1234"],
  ["units", 0, "0"],
] as const)("in %s %d is %s", (scale, value, expected) => expect(spaced(valueText(scale, value))).toBe(expected));

test("an axis shows the limits and the newest interval, whatever came before", () => {
  const span = valueSpan(success);
  const newest = success.points.at(-1);
  for (const value of [0, -0.02, -0.04, newest?.low ?? 0, newest?.high ?? 0]) {
    expect(placeOf(span, value)).toBeGreaterThan(0.05);
    expect(placeOf(span, value)).toBeLessThan(0.95);
  }
  const wild = success.points.map((point, index) => (index === 0 ? { ...point, low: -1, high: 1 } : point));
  expect(valueSpan({ ...success, points: wild })).toEqual(span);
});

test("values of an axis are round, inside of it, and few", () => {
  expect(niceValues({ low: -0.093, high: 0.021 }, 6).map((value) => Number(value.toFixed(6)))).toEqual([
    -0.08, -0.06, -0.04, -0.02, 0, 0.02,
  ]);
  expect(niceValues({ low: 3, high: 3.0001 }, 6).length).toBeLessThanOrEqual(7);
});

test("between two points a picture is straight, and outside of them there is nothing", () => {
  const [a, b] = success.points;
  if (a === undefined || b === undefined) throw new Error("there are two points");
  expect(pointAt(success.points, (a.at + b.at) / 2)?.estimate).toBeCloseTo((a.estimate + b.estimate) / 2, 12);
  expect(pointAt(success.points, a.at)?.estimate).toBe(a.estimate);
  expect(pointAt(success.points, a.at - 1)).toBeNull();
  expect(pointAt(success.points, (success.points.at(-1)?.at ?? 0) + 1)).toBeNull();
});

test("a metric without a single point is drawn empty, not broken", () => {
  const empty = { ...success, points: [] };
  expect(pictureChart(picture, empty, { style: plain, indent: "" }).join("\n")).not.toMatch(/NaN|undefined/);
  expect(pictureSvg("support", picture, empty)).not.toMatch(/NaN|undefined/);
});
