/**
 * One YAML file: its plain value, what is wrong with it as YAML, and where each part of it stands.
 *
 * The value is built here and not by the yaml package, because only here each text still has its place: variables
 * are expanded, keys compared and aliases counted with a line to point at. Messages never quote the file, where
 * passwords stand; they name keys only.
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
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Parsed } from '../../diagnostics/parsed.ts';
import { nestsTooDeep } from './depth.ts';
import { yamlProblem } from './problems.ts';

/** Keys and list indexes from the top of the file. */
export type Path = readonly (string | number)[];

export interface YamlSource {
  readonly file: string;
  /** Maps, lists, texts, numbers, booleans and nulls; undefined when the file cannot be understood as YAML. */
  readonly value: unknown;
  /** In YAML's rules; the schema is not known here. */
  readonly findings: readonly Diagnostic[];
  /**
   * Where the key at the end of the path stands (for a list entry and for `at: 'value'`, the value).
   * Of what is not there: where the nearest containing key stands.
   */
  readonly positionOf: (path: Path, at?: 'key' | 'value') => Position;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** Enough for thousands of targets, and the end of an alias bomb. */
const MAX_NODES = 500_000;
/** Aliases can nest where the text does not. */
const MAX_DEPTH = 1000;
const TOO_DEEP = 'lists or maps are nested too deeply';

/**
 * `strict` is ours. `lenient` is how our ancestors read their files: YAML 1.1 with merge keys, where of a repeated
 * key the later one counts (here with a warning).
 */
export type Dialect = 'strict' | 'lenient';

/** Reads the text of a file. `expand`, when given, replaces each text value (not keys). */
export function readYaml(
  file: string,
  text: string,
  expand?: (text: string) => Parsed<string>,
  dialect: Dialect = 'strict',
): YamlSource {
  const lines = new LineCounter();
  const findings: Diagnostic[] = [];
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const report = (offset: number, message: string) => {
    findings.push({ severity: 'error', file, ...place(offset), message });
  };
  const warn = (offset: number, message: string) => {
    findings.push({ severity: 'warning', file, ...place(offset), message });
  };
  const broken = (offset: number, message: string): YamlSource => {
    report(offset, message);
    return { file, value: undefined, findings, positionOf: () => ({ line: 1, column: 1 }) };
  };

  if (nestsTooDeep(text)) return broken(0, TOO_DEEP);
  // Duplicate keys are found below, where 1 and "1" count as the same key.
  const document = parseDocument(text, {
    lineCounter: lines,
    version: dialect === 'strict' ? '1.2' : '1.1',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const [first, ...rest] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined) {
    const seen = new Set([place(first.pos[0]).line]);
    for (const error of rest) {
      const { line } = place(error.pos[0]);
      // One per line, and none of what the parser merely stumbles over after the first.
      if (seen.has(line) || error.message.includes('in YAML stream')) continue;
      seen.add(line);
      report(error.pos[0], yamlProblem(error.code, error.message));
    }
    return broken(first.pos[0], yamlProblem(first.code, first.message, text.slice(0, first.pos[1])));
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return broken(0, 'the file is empty');

  const root = document.contents as Node;
  const anchored = anchoredNodes(document);
  const resolve = (node: unknown): unknown => (isAlias(node) ? anchored.get(node) : node);
  const builder: Builder = {
    resolve,
    expand,
    dialect,
    report,
    warn,
    open: new Set(),
    nodes: 0,
    tooDeep: false,
  };
  const value = build(root, builder);
  if (builder.tooDeep) return broken(0, TOO_DEEP);
  if (builder.nodes > MAX_NODES)
    return broken(0, 'aliases repeat too much: the file is too large when written out');
  return {
    file,
    value,
    findings,
    positionOf: (path, at) => place(offsetOf(root, path, at ?? 'key', builder)),
  };
}

interface Builder {
  readonly resolve: (node: unknown) => unknown;
  readonly expand: ((text: string) => Parsed<string>) | undefined;
  readonly dialect: Dialect;
  readonly report: (offset: number, message: string) => void;
  readonly warn: (offset: number, message: string) => void;
  /** The nodes being built, to notice one that contains itself. */
  readonly open: Set<unknown>;
  nodes: number;
  tooDeep: boolean;
}

/**
 * The node that each alias stands for: the last one before it with that anchor. The yaml package's own
 * `alias.resolve` searches the whole document each time (20,000 aliases: minutes).
 */
function anchoredNodes(document: Document): ReadonlyMap<Alias, unknown> {
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
  return anchored;
}

function build(raw: unknown, builder: Builder): unknown {
  if (++builder.nodes > MAX_NODES) return undefined;
  const node = builder.resolve(raw);
  if (isAlias(raw) && node === undefined) {
    builder.report(
      startOf(raw),
      'an alias (*name) has no anchor (&name) before it; put quotes around a text that begins with *',
    );
    return undefined;
  }
  if (builder.open.has(node)) {
    builder.report(startOf(raw), 'an alias (*name) leads back into its own anchor');
    return undefined;
  }
  if (isScalar(node)) return buildScalar(plainValue(node), startOf(raw), builder);
  if (builder.open.size >= MAX_DEPTH) {
    builder.tooDeep = true;
    return undefined;
  }
  builder.open.add(node);
  try {
    if (isSeq(node)) return node.items.map((item) => build(item, builder));
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

function buildScalar(value: unknown, offset: number, { expand, report }: Builder): unknown {
  if (typeof value !== 'string' || expand === undefined) return value;
  const expanded = expand(value);
  if (expanded.ok) return expanded.value;
  report(offset, expanded.message);
  return undefined;
}

function buildMap(pairs: readonly Pair[], builder: Builder): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const pair of pairs) {
    const offset = startOf(pair.key);
    const key = keyText(pair, builder);
    if (key === undefined) builder.report(offset, 'a key must be a text: put quotes around it');
    else if (key === '__proto__') builder.report(offset, 'the key "__proto__" is not possible');
    else if (key === '<<' && builder.dialect === 'lenient') merge(build(pair.value, builder), map);
    else if (key === '<<')
      builder.report(offset, 'merge keys (<<) are not supported; share settings with defaults or groups');
    else if (seen.has(key) && builder.dialect === 'strict')
      builder.report(offset, `duplicate key "${key}": keep one of them`);
    else {
      if (seen.has(key))
        builder.warn(offset, `duplicate key "${key}": this one counts, those before it do not`);
      seen.add(key);
      map[key] = build(pair.value, builder);
    }
  }
  return map;
}

/** A merged key (`<<`) never replaces one that stands in the map itself, or was merged before. */
function merge(value: unknown, map: Record<string, unknown>): void {
  for (const source of [value].flat())
    if (typeof source === 'object' && source !== null) Object.assign(map, { ...source, ...map });
}

type KeyReader = Pick<Builder, 'resolve' | 'dialect'>;

function keyText({ key }: Pair, { resolve, dialect }: KeyReader): string | undefined {
  const node = resolve(key);
  if (!isScalar(node) || node.value === null) return undefined;
  if (typeof node.value === 'string') return node.value;
  const means = dialect === 'lenient' && ['boolean', 'number'].includes(typeof node.value);
  return means ? String(node.value) : (node.source ?? String(node.value));
}

function startOf(node: unknown): number {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && node.range ? node.range[0] : 0;
}

function offsetOf(root: Node, path: Path, at: 'key' | 'value', reader: KeyReader): number {
  let node: unknown = root;
  let offset = 0;
  for (const [depth, step] of path.entries()) {
    const container = reader.resolve(node);
    if (isMap(container)) {
      const isIt = (candidate: Pair) => keyText(candidate, reader) === String(step);
      const pair = reader.dialect === 'strict' ? container.items.find(isIt) : container.items.findLast(isIt);
      if (!pair) return offset;
      node = pair.value;
      const wantsValue = at === 'value' && depth === path.length - 1 && node !== null;
      offset = startOf(wantsValue ? node : pair.key);
    } else if (isSeq(container) && container.items[Number(step)] !== undefined) {
      node = container.items[Number(step)];
      offset = startOf(node);
    } else {
      return offset;
    }
  }
  return offset;
}
