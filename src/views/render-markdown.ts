import type { View } from "./view.js";
export function renderMarkdown(view: View): string { return view.kind; }
