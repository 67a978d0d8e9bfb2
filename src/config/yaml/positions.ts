/**
 * Where the parts of a YAML file stand, by their paths.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { PairPart, Path } from '../../diagnostics/diagnostics.ts';

/**
 * `strict` is ours. `lenient` is how query-exporter and query-exporter-simple read their files: YAML 1.1 with merge
 * keys, where of a repeated key the later one counts (here with a warning).
 */
export type Dialect = 'strict' | 'lenient';

/** The nodes of a file that is valid YAML and not empty. */
export interface Tree {
  readonly root: Node;
  readonly dialect: Dialect;
  /** The node that an alias stands for, and any other node itself. */
  readonly resolve: (node: unknown) => unknown;
}

/** The text of a key; undefined when it is no text. */
export function keyText(
  { key }: Pair,
  { dialect, resolve }: Pick<Tree, 'dialect' | 'resolve'>,
): string | undefined {
  const node = resolve(key);
  if (!isScalar(node) || node.value === null) return undefined;
  if (typeof node.value === 'string') return node.value;
  const means = dialect === 'lenient' && ['boolean', 'number'].includes(typeof node.value);
  return means ? String(node.value) : (node.source ?? String(node.value));
}

/** Where a node begins in the text. */
export function startOf(node: unknown): number {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && node.range ? node.range[0] : 0;
}

/** Where the part at a path begins. */
export function offsetOf(tree: Tree, path: Path, at: PairPart): number {
  let node: unknown = tree.root;
  let offset = 0;
  for (const [depth, step] of path.entries()) {
    const container = tree.resolve(node);
    if (isMap(container)) {
      const isIt = (candidate: Pair) => keyText(candidate, tree) === String(step);
      const pair = tree.dialect === 'strict' ? container.items.find(isIt) : container.items.findLast(isIt);
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

/** Gets the path of a key or of an entry of a list, where it begins, and its text as it is written where it is one. */
export type Visitor = (path: Path, offset: number, written: string | undefined) => void;

/** Visits every key and every entry in one pass, where {@link offsetOf} searches for each. */
export function visitParts(tree: Tree, visit: Visitor): void {
  const within = (raw: unknown, path: Path): void => {
    const node = tree.resolve(raw);
    const enter = (step: string | number, offset: number, part: unknown): void => {
      const below = [...path, step];
      const value = tree.resolve(part);
      visit(below, offset, isScalar(value) && typeof value.value === 'string' ? value.value : undefined);
      within(part, below);
    };
    if (isSeq(node)) for (const [i, item] of node.items.entries()) enter(i, startOf(item), item);
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const key = keyText(pair, tree);
      if (key !== undefined) enter(key, startOf(pair.key), pair.value);
    }
  };
  within(tree.root, []);
}
