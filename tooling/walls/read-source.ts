/** Reads one TypeScript file into the facts that the walls and the size limits ask about. Knows syntax, not rules. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

export interface ImportFact {
  readonly specifier: string;
  /** The imported file relative to the root (`src/core/model/units.ts`), or null for a package or a Node module. */
  readonly file: string | null;
  readonly line: number;
  /** `export … from`: the name is passed on. */
  readonly passedOn: boolean;
}

export interface FunctionFact {
  readonly name: string;
  readonly line: number;
  /** Lines from the first to the last that hold code: blank lines and comments do not count. */
  readonly codeLines: number;
}

export interface SourceFacts {
  /** Relative to the root, with forward slashes. */
  readonly file: string;
  readonly lines: number;
  readonly imports: readonly ImportFact[];
  /** Names used as values or types that the file does not declare itself, and `Object.member` accesses on them. */
  readonly globals: readonly { readonly name: string; readonly line: number }[];
  readonly functions: readonly FunctionFact[];
  /** First line that leaves something behind at run time, or null where the file holds types alone. */
  readonly runtimeLine: number | null;
}

export function readSource(root: string, file: string): SourceFacts {
  const text = readFileSync(join(root, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const imports: ImportFact[] = [];
  const functions: FunctionFact[] = [];
  const used: { readonly name: string; readonly line: number }[] = [];
  const declared = new Set<string>();
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;

  const visit = (node: ts.Node): void => {
    const specifier = importedBy(node);
    if (specifier !== null) {
      imports.push({
        specifier,
        file: resolveImport(file, specifier),
        line: lineOf(node),
        passedOn: ts.isExportDeclaration(node),
      });
    }
    if (isFunctionWithBody(node)) {
      functions.push({ name: nameOf(node), line: lineOf(node), codeLines: countCodeLines(node.getText(source)) });
    }
    if (ts.isIdentifier(node)) {
      if (isDeclaredName(node)) declared.add(node.text);
      else if (isReference(node)) used.push({ name: memberName(node), line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);

  return {
    file,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports,
    globals: used.filter(({ name }) => !declared.has(name.split(".")[0] ?? name)),
    functions,
    runtimeLine: firstRuntimeLine(source, lineOf),
  };
}

/** A relative import names the emitted file (`./units.js`); what it means is the source beside it. */
function resolveImport(from: string, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}

function importedBy(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literalText(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? literalText(node.argument.literal) : null;
  if (ts.isExternalModuleReference(node)) return literalText(node.expression);
  if (ts.isCallExpression(node) && callsImport(node)) return literalText(node.arguments[0]);
  return null;
}

function callsImport(call: ts.CallExpression): boolean {
  const callee = call.expression;
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");
}

function literalText(node: ts.Node | undefined): string | null {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : null;
}

function isFunctionWithBody(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const parent = node.parent;
  if ((ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) && parent.name !== undefined) {
    return parent.name.getText();
  }
  return "(anonymous)";
}

function countCodeLines(text: string): number {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, false, ts.LanguageVariant.Standard, text);
  const withoutComments: string[] = [];
  let token = scanner.scan();
  while (token !== ts.SyntaxKind.EndOfFileToken) {
    const isComment = token === ts.SyntaxKind.SingleLineCommentTrivia || token === ts.SyntaxKind.MultiLineCommentTrivia;
    withoutComments.push(isComment ? scanner.getTokenText().replace(/[^\n]/g, "") : scanner.getTokenText());
    token = scanner.scan();
  }
  return withoutComments
    .join("")
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

function isDeclaredName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isNamespaceImport(parent)) return true;
  const declares =
    ts.isVariableDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isBindingElement(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isInterfaceDeclaration(parent) ||
    ts.isTypeAliasDeclaration(parent) ||
    ts.isTypeParameterDeclaration(parent) ||
    ts.isClassDeclaration(parent);
  return declares && parent.name === node;
}

/** Leaves out names that only label something: members after a dot, keys, and what an interface or a class calls its own. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isNamedTupleMember(parent)) return false;
  const labels =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isGetAccessor(parent) ||
    ts.isSetAccessor(parent);
  return !(labels && parent.name === node);
}

function memberName(node: ts.Identifier): string {
  const parent = node.parent;
  const isMember = ts.isPropertyAccessExpression(parent) && parent.expression === node;
  return isMember ? `${node.text}.${parent.name.text}` : node.text;
}

function firstRuntimeLine(source: ts.SourceFile, lineOf: (node: ts.Node) => number): number | null {
  const runtime = source.statements.find((statement) => !isTypeStatement(statement));
  return runtime === undefined ? null : lineOf(runtime);
}

function isTypeStatement(statement: ts.Statement): boolean {
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return true;
  if (ts.isImportDeclaration(statement)) return statement.importClause?.isTypeOnly === true;
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly || isEmptyExport(statement);
  return false;
}

function isEmptyExport(statement: ts.ExportDeclaration): boolean {
  const clause = statement.exportClause;
  return clause !== undefined && ts.isNamedExports(clause) && clause.elements.length === 0;
}
