import type { Json } from "../core/model/units.js";
import type { View } from "./view.js";
export function renderJson(view: View): Json { return { format: 1, kind: view.kind }; }
