/** What a commit of the state branch holds, with what is written upon it. */
import { expect, test } from "vitest";
import { Draft } from "../../src/providers/stores/git/draft.js";
import type { StateBranch } from "../../src/providers/stores/git/state-branch.js";

const branch = { place: "git:state", read: async () => new Map() } as unknown as StateBranch;

function draftOf(files: ReadonlyMap<string, string>, written: ReadonlyMap<string, string | null> = new Map()): Draft {
  return new Draft(branch, { files, texts: new Map(), written });
}

test("a folder's paths are those of the commit and of what was written since, in order, without what was taken away", () => {
  const files = new Map(["a/x", "a.b", "a/", "ab/x", "b/y", "a/%20", "b/z"].map((path) => [path, "blob"]));
  const draft = draftOf(
    files,
    new Map([
      ["a/y", "new"],
      ["a/x", null],
      ["c/w", "new"],
    ]),
  );
  draft.write("a/a", "newer");
  draft.remove("b/y");
  expect(draft.paths("a/")).toEqual(["a/", "a/%20", "a/a", "a/y"]);
  expect([draft.paths("b/"), draft.paths("c/"), draft.paths("d/"), draft.paths("b/z")]).toEqual([
    ["b/z"],
    ["c/w"],
    [],
    ["b/z"],
  ]);
  expect(draft.paths("")).toEqual(["a.b", "a/", "a/%20", "a/a", "a/y", "ab/x", "b/z", "c/w"]);
});

test("the files of a commit are gone through once, however many folders are asked for, and by however many drafts", () => {
  let walks = 0;
  const files = new Map(Array.from({ length: 100 }, (_, index) => [`agents/a${index}/head.json`, "blob"]));
  for (const walk of ["keys", "entries", Symbol.iterator, "forEach"] as const) {
    const own = files[walk].bind(files) as () => never;
    Object.assign(files, {
      [walk]: (...given: []) => {
        walks += 1;
        return own(...given);
      },
    });
  }
  for (let agent = 0; agent < 100; agent++) expect(draftOf(files).paths(`agents/a${agent}/`)).toHaveLength(1);
  expect(walks).toBe(1);
});
