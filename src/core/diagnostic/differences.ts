// Where two values of plain data differ.

export interface Difference {
  /** `figures.metrics[0].log_e`. */
  readonly place: string;
  /** As JSON; `absent` for what is not there. */
  readonly recorded: string;
  readonly found: string;
}

/** Every place whose recorded value is another one. What is found beside it counts as nothing: a later version may say more. */
export function differencesIn(recorded: unknown, found: unknown, place: string): readonly Difference[] {
  if (Array.isArray(recorded)) {
    const others = Array.isArray(found) ? found : [];
    if (!Array.isArray(found) || others.length !== recorded.length) return [at(place, recorded, found)];
    return recorded.flatMap((item, index) => differencesIn(item, others[index], `${place}[${index}]`));
  }
  if (!isObject(recorded)) return same(recorded, found) ? [] : [at(place, recorded, found)];
  if (!isObject(found)) return [at(place, recorded, found)];
  return Object.keys(recorded)
    .filter((key) => recorded[key] !== undefined)
    .flatMap((key) => differencesIn(recorded[key], found[key], place === "" ? key : `${place}.${key}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sums taken in another order, and another machine's logarithms, differ in their last digits: that much is the same. */
const lastDigits = 1e-9;

function same(recorded: unknown, found: unknown): boolean {
  if (typeof recorded === "number" && typeof found === "number")
    return Math.abs(recorded - found) <= lastDigits * Math.max(1, Math.abs(recorded), Math.abs(found));
  return recorded === found || (recorded === null && found === undefined);
}

function at(place: string, recorded: unknown, found: unknown): Difference {
  return { place, recorded: shownAs(recorded), found: shownAs(found) };
}

/** Long enough to see a difference. */
const shown = 120;

function shownAs(value: unknown): string {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}
