/** The picture of a simulated ramp. The file in golden/ is what people get: a change of it is reviewed as a diff. */
import { expect, test } from "vitest";
import { simulationSvg } from "../../src/views/svg/simulation-svg.js";
import { simulationView } from "./rehearsal-views.js";

test("the picture", async () => {
  await expect(simulationSvg(simulationView)).toMatchFileSnapshot("golden/simulation.svg");
});

test("names from outside cannot break out of it", () => {
  const [scenario] = simulationView.scenarios;
  if (scenario === undefined) throw new Error("there is a scenario");
  const svg = simulationSvg({ ...simulationView, scenarios: [{ ...scenario, name: "</text><script>a&b" }] });
  expect(svg).toContain("&lt;/text&gt;&lt;script&gt;a&amp;b");
  expect(svg).not.toContain("<script>");
});
