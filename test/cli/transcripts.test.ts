/** The tutorials, run: what they show is what happens. They run the program that `npm run build` made. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { parseTranscript, playTranscript, transcriptFiles } from "../support/transcript.js";

const options = { root: resolve("."), program: resolve("dist/main.cjs") };

test("the program is built", () => {
  expect(existsSync(options.program)).toBe(true);
});

test.concurrent.each(transcriptFiles().map((file) => [file] as const))(
  "%s is true",
  async (file) => {
    const expected = readFileSync(file, "utf8");
    expect(await playTranscript(expected, options)).toBe(expected);
  },
  120_000,
);

const fence = "```";
const session = `Some words.

<!-- normalize: /[0-9a-f]{40}/ -> COMMIT -->
${fence}yaml file=a/b.txt
one
two
${fence}

${fence}console
$ cat a/b.txt
one
two
$ word=kept; cd a
$ echo $word in \${PWD##*/}; echo to stderr >&2
kept in a
to stderr
$ cat <<END
> typed
> END
typed
$ false
$ echo $?
1
$ read line || echo "nothing to read"
nothing to read
$ git commit -q --allow-empty -m Empty && git rev-parse HEAD
COMMIT
$ printf 'no line feed'
no line feed
${fence}

The end.
`;

test("a session is one shell, with files, exit codes and declared replacements", async () => {
  expect(await playTranscript(session, options)).toBe(session);
});

test("what is not true comes back as it is", async () => {
  const wrong = `${fence}console\n$ echo one\ntwo\nthree\n$ echo four\n${fence}\n`;
  expect(await playTranscript(wrong, options)).toBe(`${fence}console\n$ echo one\none\n$ echo four\nfour\n${fence}\n`);
});

test("the clock that the program sees is declared", async () => {
  const clock = `<!-- now: 2026-11-23T11:20:00Z -->\n${fence}console\n$ echo $ROLLOUT_NOW\n2026-11-23T11:20:00Z\n${fence}\n`;
  expect(await playTranscript(clock, options)).toBe(clock);
});

test("a shell that ends takes its transcript with it", async () => {
  await expect(playTranscript(`${fence}console\n$ exit 3\n${fence}\n`, options)).rejects.toThrow(
    "the shell ended in: exit 3",
  );
});

test.each([
  [`${fence}console\n$ echo\n`, "the fence that opens here is never closed"],
  [`${fence}console\necho\n${fence}\n`, 'opens with "$ "'],
  ["<!-- normalize: a -> b -->", "not a rule of the form"],
])("%j is refused", (text, because) => {
  expect(() => parseTranscript(text)).toThrow(because);
});
