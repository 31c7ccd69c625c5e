// Sentences and documents as text.

import { paragraph } from "../layout.js";
import { paint, type Style } from "../style.js";
import type { DocumentView, MessageView } from "../view.js";

/** Sentences wrap; lines that begin with a space stay as they are (commands, lists, file content). */
export function messageLines(view: MessageView, style: Style): readonly string[] {
  return view.lines.flatMap((line) =>
    /^\s/.test(line) || line === "" ? [line] : paragraph(style, line, { indent: "" }),
  );
}

/** Markdown is readable as it stands: only its paragraphs and list items wrap, each as one, however its lines were broken. */
export function documentLines(view: DocumentView, style: Style): readonly string[] {
  const lines: string[] = [];
  let fenced = false;
  let open: string[] = [];
  const close = (): void => {
    if (open.length > 0) lines.push(...wrappedItem(open.join(" "), style));
    open = [];
  };
  for (const line of view.markdown.split("\n")) {
    const isFence = /^\s*```/.test(line);
    const asIs = fenced || isFence || /^(?:\s*\||\s{4,}|\s*$)/.test(line);
    if (isFence) fenced = !fenced;
    const begins = asIs || /^(?:#|\s*(?:[-*]|\d+\.) )/.test(line) || (open[0] ?? "").startsWith("#");
    if (begins) close();
    if (asIs) lines.push(line);
    else open.push(open.length === 0 ? line : line.trim());
  }
  close();
  return lines;
}

function wrappedItem(line: string, style: Style): readonly string[] {
  if (line.startsWith("#")) return [paint(style, "strong", line)];
  const [indent = "", mark = ""] = /^(\s*)((?:[-*]|\d+\.) )?/.exec(line)?.slice(1) ?? [];
  return paragraph(style, line.slice(indent.length), { indent, hang: " ".repeat((mark ?? "").length) });
}
