/** Every kind of view in every form. The files in golden/ are what people and programs get: a change of theirs is reviewed as a diff. */
import { expect, test } from "vitest";
import { renderJson } from "../../src/views/render-json.js";
import { renderMarkdown } from "../../src/views/render-markdown.js";
import { renderText } from "../../src/views/render-text.js";
import { everyView } from "./every-view.js";
import { plain } from "./samples.js";

test.each(everyView)("%s as text, wide and narrow", async (name, view) => {
  await expect(renderText(view, { ...plain, width: 90 })).toMatchFileSnapshot(`golden/${name}.txt`);
  await expect(renderText(view, { ...plain, width: 60 })).toMatchFileSnapshot(`golden/${name}-60.txt`);
});

test.each(everyView)("%s as JSON, which survives a trip", async (name, view) => {
  const json = renderJson(view);
  const text = JSON.stringify(json, null, 2);
  expect(JSON.parse(text)).toEqual(json);
  expect(json).toMatchObject({ format: 1, kind: view.kind });
  await expect(`${text}\n`).toMatchFileSnapshot(`golden/${name}.json.txt`);
});

test.each(everyView)("%s as Markdown", async (name, view) => {
  await expect(renderMarkdown(view, plain)).toMatchFileSnapshot(`golden/${name}.md`);
});

test.each(everyView)("%s: keys of the JSON are snake_case", (_, view) => {
  const bad: string[] = [];
  JSON.stringify(renderJson(view), (key, value: unknown) => {
    if (/[A-Z]/.test(key)) bad.push(key);
    return value;
  });
  expect(bad).toEqual([]);
});

test.each(everyView)("%s: colour and Unicode carry no meaning of their own", (_, view) => {
  const colored = renderText(view, { ...plain, color: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is made of them
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(renderText(view, plain));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
  expect(renderText(view, { ...plain, unicode: false })).toMatch(/^[\u0000-\u007f]*$/);
});

test.each(everyView)("%s: lines fit 60 columns, but for what has to stay whole", (_, view) => {
  const whole = /^\s*(?:rollout |r-[0-9a-f]{64}$|[^\s]+$)/;
  const long = renderText(view, { ...plain, width: 60 })
    .split("\n")
    .filter((line) => line.length > 60 && !whole.test(line) && !/^ {3}[> ] +\d+ \|/.test(line));
  expect(long).toEqual([]);
});
