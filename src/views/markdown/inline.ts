// Pieces of Markdown that content from outside cannot break out of.

/** A code span, whatever backticks the text holds; on one line. */
export function code(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** Plain words: nothing in them is a mark, a tag, a mention or a link of its own. */
export function words(text: string): string {
  return text
    .replace(/\s*\n\s*/g, " ")
    .replace(/[\\`*[<|~]|(?<!\w)_|_(?!\w)|^[#>]/g, (mark) => `\\${mark}`)
    .replace(/@(?=\w)/g, "@\u200b");
}

/** A row of a table; `|` is escaped even inside of code spans, where tables see it too. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
}

/** A table with its head; empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  return [row(head), row(head.map(() => "---")), ...rows.map(row)];
}
