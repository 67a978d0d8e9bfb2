/**
 * All regular expressions that the program itself has: literals, and `new RegExp` of constants.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface SourcePattern {
  /** Where it stands. */
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** @returns a text in place of a pattern that is made of more than constants */
export function patternsIn(folder: string): readonly (SourcePattern | string)[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .flatMap((name) => patternsOf(join(folder, name)));
}

function patternsOf(file: string): readonly (SourcePattern | string)[] {
  const text = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const constants = constantsOf(text);
  const found: (SourcePattern | string)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push({ file, ...partsOf(node.text) });
    if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
      const [source, flags] = (node.arguments ?? []).map((argument) => constantText(argument, constants));
      const isConstant = source !== undefined && (flags !== undefined || node.arguments?.length === 1);
      found.push(isConstant ? { file, source, flags: flags ?? '' } : `${file}: ${node.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(text);
  return found;
}

function partsOf(literal: string): Pick<SourcePattern, 'source' | 'flags'> {
  const end = literal.lastIndexOf('/');
  return { source: literal.slice(1, end), flags: literal.slice(end + 1) };
}

function constantsOf(text: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const constants = new Map<string, ts.Expression>();
  for (const statement of text.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer, name } of statement.declarationList.declarations)
      if (initializer !== undefined) constants.set(name.getText(), initializer);
  }
  return constants;
}

/** The text of a constant; undefined when that is known at run time only. */
function constantText(
  node: ts.Expression,
  constants: ReadonlyMap<string, ts.Expression>,
): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isRegularExpressionLiteral(node)) return partsOf(node.text).source;
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'source')
    return constantText(node.expression, constants);
  if (ts.isIdentifier(node)) {
    const constant = constants.get(node.text);
    return constant && constantText(constant, constants);
  }
  if (!ts.isTemplateExpression(node)) return undefined;
  const parts = node.templateSpans.map(({ expression, literal }) => {
    const value = constantText(expression, constants);
    return value === undefined ? undefined : value + literal.text;
  });
  return parts.includes(undefined) ? undefined : node.head.text + parts.join('');
}
