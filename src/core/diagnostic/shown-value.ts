// A value that somebody else wrote, as a message shows it: short, and without following what is nested in it.

/** Long enough to be recognized. */
const most = 60;

/** JSON of a scalar, cut where it is long; `a list` or `an object` for what holds more; `nothing` for what is not there. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(typeof value === "string" ? value.slice(0, most + 1) : value) ?? "nothing";
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
