// Where in a JSON text something stands. `JSON.parse` reads faster but does not say.

/** Keys and indices from the root to a value. */
export type JsonPath = readonly (string | number)[];

export interface JsonFault {
  readonly offset: number;
  /** What stands there instead of what: "a value was expected", "the text ends here". */
  readonly because: string;
}

/** Deeper texts are refused rather than followed. */
const deepest = 500;

/** The first place where the text is not JSON; null when it is. */
export function findJsonFault(text: string): JsonFault | null {
  try {
    scan(text);
    return null;
  } catch (error) {
    if (error instanceof NotJson) return { offset: error.offset, because: error.message };
    throw error;
  }
}

/** Where the value at `path` starts, or else the nearest value above it that was found before the text is no JSON, or too deep. */
export function findJsonValue(text: string, path: JsonPath): number {
  const scanner = new Scanner(text);
  try {
    scanner.value(path, 0);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
  }
  return scanner.found;
}

class NotJson extends Error {
  override readonly name = "NotJson";
  readonly offset: number;
  constructor(offset: number, because: string) {
    super(because);
    this.offset = offset;
  }
}

function scan(text: string): void {
  const scanner = new Scanner(text);
  scanner.value(null, 0);
  scanner.space();
  if (scanner.at < text.length) throw new NotJson(scanner.at, "nothing more was expected");
}

/** Walks one text once; `at` only grows. */
class Scanner {
  at = 0;
  found = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  /** `path` leads from this value to the one that is looked for; null off the way. */
  value(path: JsonPath | null, depth: number): void {
    this.space();
    if (path !== null) this.found = this.at;
    if (depth > deepest) throw new NotJson(this.at, "values are nested too deeply");
    const character = this.text[this.at];
    if (character === "{") this.members(path, depth);
    else if (character === "[") this.elements(path, depth);
    else if (character === '"') this.string();
    else this.word();
  }

  space(): void {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  private members(path: JsonPath | null, depth: number): void {
    this.list("}", () => {
      this.space();
      if (this.text[this.at] !== '"') throw this.fault("a name in double quotes was expected");
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ":") throw this.fault('":" was expected');
      this.at += 1;
      this.value(path !== null && path[0] === key ? path.slice(1) : null, depth + 1);
    });
  }

  private elements(path: JsonPath | null, depth: number): void {
    let index = 0;
    this.list("]", () => {
      this.value(path !== null && path[0] === index ? path.slice(1) : null, depth + 1);
      index += 1;
    });
  }

  private list(close: string, item: () => void): void {
    this.at += 1;
    this.space();
    if (this.text[this.at] === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      this.space();
      const character = this.text[this.at];
      if (character !== close && character !== ",") throw this.fault(`"," or "${close}" was expected`);
      this.at += 1;
      if (character === close) return;
    }
  }

  private string(): string {
    const start = this.at;
    this.at += 1;
    for (;;) {
      const character = this.text[this.at];
      if (character === '"') break;
      if (character === undefined || character < " ") {
        throw new NotJson(start, "the string that starts here does not end on its line");
      }
      this.at += character === "\\" ? this.escape() : 1;
    }
    this.at += 1;
    return JSON.parse(this.text.slice(start, this.at));
  }

  /** The length of the escape that stands here. */
  private escape(): number {
    const pattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) throw this.fault("an escape was expected");
    return pattern.lastIndex - this.at;
  }

  private word(): void {
    const pattern = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) throw this.fault("a value was expected");
    this.at = pattern.lastIndex;
  }

  private fault(because: string): NotJson {
    return new NotJson(this.at, this.at >= this.text.length ? `the text ends here, where ${because}` : because);
  }
}
