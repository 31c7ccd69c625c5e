// An eval that needs no model and no network: does each prompt still say what the policy asks for?
// Writes one line for each case to results.jsonl: { id, pass }. A real suite would ask the candidate's models here.
import { readFileSync, writeFileSync } from "node:fs";

const here = new URL("./", import.meta.url);
const cases = JSON.parse(readFileSync(new URL("cases.json", here), "utf8"));
const lines = cases.map(({ id, prompt, says }) => {
  const text = readFileSync(new URL(`../prompts/${prompt}.md`, here), "utf8");
  return JSON.stringify({ id, pass: says.every((phrase) => text.includes(phrase)) });
});
writeFileSync(new URL("results.jsonl", here), `${lines.join("\n")}\n`);
