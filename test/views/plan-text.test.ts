import { expect, test } from "vitest";
import { renderText } from "../../src/views/render-text.js";
import { action, advance, at, hold, plain, planView, quiet, rollback } from "./samples.js";

const mixed = planView([rollback, advance, hold, quiet], { savedTo: "rollout.plan.json" });

test("a plan says what moves, why, and when the rest could happen, riskiest first", () => {
  return expect(renderText(mixed, plain)).toMatchFileSnapshot("golden/plan.txt");
});

test("a plan in 60 columns", () => {
  return expect(renderText(mixed, { ...plain, width: 60 })).toMatchFileSnapshot("golden/plan-narrow.txt");
});

test("a plan in 40 columns folds its heads", () => {
  return expect(renderText(planView([rollback, advance]), { ...plain, width: 40 })).toMatchFileSnapshot(
    "golden/plan-folded.txt",
  );
});

test("a plan of one agent that rests", () => {
  expect(renderText(planView([quiet]), plain)).toBe(
    "rollout plan   spec 9f2c1e7 · state sales #41 · live read 3 s ago\n\nNo changes. What is declared, recorded and live agree.\n",
  );
});

test("a plan without agents", () => {
  expect(renderText(planView([]), plain)).toContain("No changes. There is no agent.");
});

test("an agent that rests with something to say is shown in full", () => {
  const promoted = action({
    because: "override promoted, not folded yet: planning",
    code: "rollout/override-not-folded",
    hint: "rollout fold support",
  });
  return expect(renderText(planView([promoted]), plain)).toMatchFileSnapshot("golden/plan-not-folded.txt");
});

test("no line is wider than the terminal, but for what must stay whole", () => {
  for (const width of [60, 72, 80, 120]) {
    const long = renderText(mixed, { ...plain, width })
      .split("\n")
      .filter((line) => line.length > width);
    expect(long).toEqual([]);
  }
});

test("colour adds nothing that the text does not say", () => {
  const colored = renderText(mixed, { ...plain, color: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is made of them
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(renderText(mixed, plain));
  expect(colored).not.toBe(renderText(mixed, plain));
});

test("without Unicode every character is ASCII", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
  expect(renderText(mixed, { ...plain, unicode: false })).toMatch(/^[\u0000-\u007f]*$/);
});

test("what was read long ago says so", () => {
  expect(renderText(mixed, { ...plain, now: at("2026-11-23T12:00:00Z") })).toContain("live read 40 min ago");
});

test("a reason from outside cannot steer the terminal", () => {
  const text = renderText(planView([action({ kind: "hold", because: "oops \u001b[2Jgone\u202e" })]), plain);
  expect(text).toContain("oops \\x1b[2Jgone\\x202e");
});
