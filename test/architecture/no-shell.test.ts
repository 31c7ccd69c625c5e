/** Programs are started with a list of arguments, and no shell ever reads what a spec, a registry or a person wrote. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { trackedFiles } from "../support/tracked-files.js";

/** What may be taken from the rooms that start programs; everything else of theirs takes a line for a shell. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "node:child_process": ["spawn", "spawnSync", "execFile", "execFileSync", "ChildProcess"],
  child_process: [],
  execa: ["execa", "ExecaError"],
};
const starters = ["execa", "spawn", "spawnSync", "execFile", "execFileSync"];
const shells = /^(?:.*[/\\])?(?:sh|bash|dash|zsh|ksh|fish|cmd|powershell|pwsh)(?:\.exe)?$/;

/** Where a source hands something to a shell, or could: one line for each place. */
function shellsIn(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: string[] = [];
  const startsPrograms = /execa|child_process|spawn/.test(text);
  const complain = (node: ts.Node, what: string): void => {
    found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${what}`);
  };
  const take = (node: ts.Node, room: string, name: string): void => {
    if (allowed[room]?.includes(name) === false) complain(node, `takes ${name} from ${room}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const room = node.moduleSpecifier.text;
      const names = node.importClause?.namedBindings;
      if (Object.hasOwn(allowed, room) && (names === undefined || ts.isNamespaceImport(names)))
        complain(node, `takes all of ${room}`);
      if (names !== undefined && ts.isNamedImports(names))
        for (const { name, propertyName } of names.elements) take(node, room, (propertyName ?? name).text);
    }
    if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer !== undefined) {
      const room = Object.keys(allowed).find((name) => node.initializer?.getText(source).includes(`("${name}")`));
      if (room !== undefined)
        for (const { name, propertyName } of node.name.elements)
          take(node, room, (propertyName ?? name).getText(source));
    }
    if (startsPrograms && isNamed(node, "shell")) complain(node, "says something about a shell");
    if (ts.isTaggedTemplateExpression(node) && /^\$|execa/.test(node.tag.getText(source)))
      complain(node, "starts a program from a template");
    if (ts.isCallExpression(node) && starters.includes(calledName(node))) checkCall(node, complain);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isSum(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** `shell: …`, `shell` or `"shell": …` in an object. */
function isNamed(node: ts.Node, name: string): boolean {
  if (ts.isShorthandPropertyAssignment(node)) return node.name.text === name;
  if (!ts.isPropertyAssignment(node)) return false;
  return (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name)) && node.name.text === name;
}

function calledName({ expression }: ts.CallExpression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : "";
}

function checkCall(call: ts.CallExpression, complain: (node: ts.Node, what: string) => void): void {
  const [program, list] = call.arguments;
  if (program !== undefined && ts.isStringLiteralLike(program) && shells.test(program.text))
    complain(call, `starts ${program.text}`);
  if (program !== undefined && (ts.isTemplateExpression(program) || isSum(program)))
    complain(call, "puts a program together from texts");
  const isList = list !== undefined && (ts.isArrayLiteralExpression(list) || ts.isIdentifier(list));
  if (!isList) complain(call, "gives no list of arguments");
}

const sources = trackedFiles().filter((file) => /^src\/.*\.ts$/.test(file) && !file.includes("/generated/"));

test("no source starts a shell, or a program from a line of text", () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.flatMap((file) => shellsIn(file, readFileSync(file, "utf8")))).toEqual([]);
});

test("programs are started at all, so that this test looks at something", () => {
  const starting = sources.filter((file) => /\b(?:execa|spawnSync|spawn)\(/.test(readFileSync(file, "utf8")));
  expect(starting.length).toBeGreaterThan(2);
});

describe("is seen", () => {
  const cases: readonly (readonly [code: string, says: RegExp])[] = [
    ['import { exec } from "node:child_process";', /takes exec from/],
    ['import * as processes from "node:child_process";', /takes all of/],
    ['import processes from "node:child_process";', /takes all of/],
    ['import { execaCommand as run } from "execa";', /takes execaCommand/],
    ['const { execSync } = await import("node:child_process");', /takes execSync/],
    ['const { exec: go } = process.getBuiltinModule("node:child_process");', /takes exec/],
    ["await execa(name, args, { shell: true });", /about a shell/],
    ["await execa(name, args, { shell });", /about a shell/],
    ['spawn("/bin/sh", ["-c", line]);', /starts \/bin\/sh/],
    ['execa("bash", args);', /starts bash/],
    ["execa(line);", /no list of arguments/],
    ["execa(line, { cwd });", /no list of arguments/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code as text
    ["execa(`git log ${branch}`, []);", /together from texts/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code as text
    ["await $`git log ${branch}`;", /from a template/],
    ['execa("git-" + name, args);', /together from texts/],
    ["childProcess.spawnSync(line, { cwd });", /no list of arguments/],
  ];
  test.each(cases)("%s", (code, says) => {
    expect(shellsIn("x.ts", code).join("\n")).toMatch(says);
  });
});
