/**
 * One YAML file: its plain value, its errors as YAML, and the position of each part.
 *
 * The value is built here and not by the yaml package, because only here each text still has its position: variables
 * are expanded, keys compared and aliases counted with a line to point at. Messages never quote the file, because it
 * holds passwords; they name keys only.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import type { Diagnostic, Position } from '../../diagnostics/diagnostic.ts';
import { DiagnosticList, type Diagnostics, type PairPart, type Path } from '../../diagnostics/diagnostics.ts';
import type { Parsed } from '../../diagnostics/parsed.ts';
import { nestsTooDeep } from './depth.ts';
import { type Dialect, keyText, offsetOf, startOf, type Tree, visitParts } from './positions.ts';
import { yamlProblem } from './problems.ts';

export interface YamlSource {
  readonly file: string;
  /** Maps, lists, texts, numbers, booleans and nulls; undefined when the file cannot be understood as YAML. */
  readonly value: unknown;
  /** Violations of YAML's own rules; the schema is not known here. */
  readonly problems: readonly Diagnostic[];
  /**
   * The position of the key at the end of the path (for a list entry and for `at: 'value'`, of the value).
   * For a path that does not exist, the position of the nearest containing key.
   */
  readonly positionOf: (path: Path, at?: PairPart) => Position;
  /** Calls for each key and each entry of a list with its path, its line, and its text before variables were replaced. */
  readonly visit: (each: (path: Path, line: number, written: string | undefined) => void) => void;
}

/** Enough for thousands of targets; stops an alias bomb. */
const MAX_NODES = 500_000;
/** Aliases can nest where the text does not. */
const MAX_DEPTH = 1000;
const TOO_DEEP = 'lists or maps are nested too deeply';

export interface ReadOptions {
  /** Replaces each text value (not keys). */
  readonly expand?: (text: string) => Parsed<string>;
  /** `strict` when undefined. */
  readonly dialect?: Dialect;
}

/** Reads the text of a file. */
export function readYaml(file: string, text: string, options: ReadOptions = {}): YamlSource {
  const { dialect = 'strict', expand } = options;
  const lines = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const found = new DiagnosticList();
  // Before a value is built there are no paths: here a path is an offset in the text.
  const diagnostics = found.in({ file, positionOf: ([offset = 0]) => positionAt(Number(offset)) });
  const tree = parse(text, { dialect, lines, diagnostics });
  const built = tree && build(tree, expand, diagnostics);
  if (!built)
    return { file, value: undefined, problems: found.all, positionOf: () => positionAt(0), visit: () => {} };
  return {
    file,
    value: built.value,
    problems: found.all,
    positionOf: (path, at = 'key') => positionAt(offsetOf(tree, path, at)),
    visit: (each) =>
      visitParts(tree, (path, offset, written) => each(path, positionAt(offset).line, written)),
  };
}

/** {@link readYaml} in the lenient dialect, in which a dollar sign is a dollar sign. */
export const readLeniently = (file: string, text: string): YamlSource =>
  readYaml(file, text, { dialect: 'lenient' });

interface Parsing {
  readonly dialect: Dialect;
  readonly lines: LineCounter;
  readonly diagnostics: Diagnostics;
}

function parse(text: string, { diagnostics, dialect, lines }: Parsing): Tree | undefined {
  if (nestsTooDeep(text)) {
    diagnostics.error(TOO_DEEP);
    return undefined;
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    version: dialect === 'strict' ? '1.2' : '1.1',
    // Duplicate keys are found below, where 1 and "1" count as the same key.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  if (reportSyntax(document, text, { lines, diagnostics })) return undefined;
  const root: Node | null = document.contents;
  if (root !== null && !(isScalar(root) && root.value === null))
    return { root, dialect, resolve: resolverOf(document) };
  diagnostics.error('the file is empty');
  return undefined;
}

/** Reports the errors of the yaml package, at most one per line; returns whether there are any. */
function reportSyntax(
  { errors, warnings }: Document,
  text: string,
  { diagnostics, lines }: Pick<Parsing, 'diagnostics' | 'lines'>,
): boolean {
  const [first, ...rest] = [...errors, ...warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first === undefined) return false;
  const seen = new Set([lines.linePos(first.pos[0]).line]);
  for (const { code, message, pos } of rest) {
    const { line } = lines.linePos(pos[0]);
    // An error "in YAML stream" is only a consequence of the first.
    if (seen.has(line) || message.includes('in YAML stream')) continue;
    seen.add(line);
    diagnostics.at(pos[0]).error(yamlProblem(code, message));
  }
  diagnostics.at(first.pos[0]).error(yamlProblem(first.code, first.message, text.slice(0, first.pos[1])));
  return true;
}

/**
 * Looks up the node that an alias stands for: the last one before it with that anchor. The yaml package's own
 * `alias.resolve` searches the whole document each time (20,000 aliases: minutes).
 */
function resolverOf(document: Document): Tree['resolve'] {
  const anchors = new Map<string, unknown>();
  const anchored = new Map<Alias, unknown>();
  visit(document, {
    Alias: (_, alias) => {
      anchored.set(alias, anchors.get(alias.source));
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return (node) => (isAlias(node) ? anchored.get(node) : node);
}

interface Builder extends Tree {
  readonly expand: ReadOptions['expand'];
  /** A path is an offset in the text. */
  readonly diagnostics: Diagnostics;
  /** The nodes being built, to notice one that contains itself. */
  readonly open: Set<unknown>;
  nodes: number;
  tooDeep: boolean;
}

/** The plain value of a whole file; undefined, and reported, when it is too deep or too large. */
function build(
  tree: Tree,
  expand: ReadOptions['expand'],
  diagnostics: Diagnostics,
): { readonly value: unknown } | undefined {
  const builder: Builder = { ...tree, expand, diagnostics, open: new Set(), nodes: 0, tooDeep: false };
  const value = buildNode(tree.root, builder);
  if (!builder.tooDeep && builder.nodes <= MAX_NODES) return { value };
  const problem = 'aliases repeat too much: the file is too large when written out';
  diagnostics.error(builder.tooDeep ? TOO_DEEP : problem);
  return undefined;
}

function buildNode(raw: unknown, builder: Builder): unknown {
  if (++builder.nodes > MAX_NODES) return undefined;
  const node = builder.resolve(raw);
  if (isAlias(raw) && node === undefined) {
    builder.diagnostics
      .at(startOf(raw))
      .error('an alias (*name) has no anchor (&name) before it; put quotes around a text that begins with *');
    return undefined;
  }
  if (builder.open.has(node)) {
    builder.diagnostics.at(startOf(raw)).error('an alias (*name) leads back into its own anchor');
    return undefined;
  }
  if (isScalar(node)) return buildScalar(plainValue(node), startOf(raw), builder);
  if (builder.open.size >= MAX_DEPTH) {
    builder.tooDeep = true;
    return undefined;
  }
  builder.open.add(node);
  try {
    if (isSeq(node)) return node.items.map((item) => buildNode(item, builder));
    return isMap(node) ? buildMap(node.items, builder) : null;
  } finally {
    builder.open.delete(node);
  }
}

/**
 * Dates and binary data of YAML 1.1 are texts here, as they stand in the file, and so are integers that a number
 * cannot hold: rounded, they would be another value.
 */
function plainValue({ value, source }: Scalar): unknown {
  const isInexact = Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '');
  return isInexact || (typeof value === 'object' && value !== null) ? source : value;
}

function buildScalar(value: unknown, offset: number, { diagnostics, expand }: Builder): unknown {
  if (typeof value !== 'string' || expand === undefined) return value;
  const expanded = expand(value);
  if (expanded.ok) return expanded.value;
  diagnostics.at(offset).error(expanded.message);
  return undefined;
}

function buildMap(pairs: readonly Pair[], builder: Builder): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const pair of pairs) {
    const diagnostics = builder.diagnostics.at(startOf(pair.key));
    const key = keyText(pair, builder);
    if (key === undefined) diagnostics.error('a key must be a text: put quotes around it');
    else if (key === '__proto__') diagnostics.error('the key "__proto__" is not possible');
    else if (key === '<<' && builder.dialect === 'lenient') merge(buildNode(pair.value, builder), map);
    else if (key === '<<')
      diagnostics.error('merge keys (<<) are not supported; share settings with defaults or groups');
    else if (seen.has(key) && builder.dialect === 'strict')
      diagnostics.error(`duplicate key "${key}": keep one of them`);
    else {
      if (seen.has(key)) diagnostics.warn(`duplicate key "${key}": this one counts, those before it do not`);
      seen.add(key);
      map[key] = buildNode(pair.value, builder);
    }
  }
  return map;
}

/** A merged key (`<<`) never replaces one that stands in the map itself, or was merged before. */
function merge(value: unknown, map: Record<string, unknown>): void {
  for (const source of [value].flat())
    if (typeof source === 'object' && source !== null) Object.assign(map, { ...source, ...map });
}
