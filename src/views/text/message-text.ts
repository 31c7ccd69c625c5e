import { paragraph } from "../layout.js";
import type { Style } from "../style.js";
import type { DocumentView, MessageView } from "../view.js";

/** Sentences wrap; lines that begin with a space stay as they are (commands, lists, file content). */
export function messageLines(view: MessageView, style: Style): readonly string[] {
  return view.lines.flatMap((line) =>
    /^\s/.test(line) || line === "" ? [line] : paragraph(style, line, { indent: "" }),
  );
}

/** Markdown is readable as it stands. */
export function documentLines(view: DocumentView): readonly string[] {
  return view.markdown.split("\n");
}
