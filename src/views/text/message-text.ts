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

/** Markdown is readable as it stands: only its paragraphs and list items wrap. */
export function documentLines(view: DocumentView, style: Style): readonly string[] {
  let fenced = false;
  return view.markdown.split("\n").flatMap((line) => {
    if (/^\s*```/.test(line)) fenced = !fenced;
    if (fenced || /^(?:\s*```|\s*\||\s{4,}|$)/.test(line)) return [line];
    if (line.startsWith("#")) return [paint(style, "strong", line)];
    const [indent = "", mark = ""] = /^(\s*)((?:[-*]|\d+\.) )?/.exec(line)?.slice(1) ?? [];
    return paragraph(style, line.slice(indent.length), { indent, hang: " ".repeat((mark ?? "").length) });
  });
}
