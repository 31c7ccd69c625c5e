/** Every kind of view in every form. The files in golden/ are what people and programs get: a change of theirs is reviewed as a diff. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
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

const schema: object = JSON.parse(readFileSync("schema/views/view.schema.json", "utf8"));
const published = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

function complaints(json: unknown, kind: string): readonly string[] {
  if (published(json)) return [];
  const all = (published.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return [`not what the schema says of "${kind}"`, ...all];
}

test.each(everyView)("%s as JSON is what its schema says", (_, view) => {
  const json = renderJson(view);
  expect(complaints(json, view.kind)).toEqual([]);
  expect(complaints({ ...json, surprise: 1 }, view.kind)).not.toEqual([]);
  expect(complaints({ ...json, format: 2 }, view.kind)).not.toEqual([]);
});

test("the schema says what each key means", () => {
  const silent: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties } = node as {
      readonly properties?: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>;
    };
    for (const [key, field] of Object.entries(properties ?? {})) {
      if (field.description === undefined && field.$ref === undefined) silent.push(`${path}.${key}`);
    }
    for (const [key, child] of Object.entries(node)) walk(child, `${path}/${key}`);
  };
  walk(schema, "");
  expect(silent).toEqual([]);
});
