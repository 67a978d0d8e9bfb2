/**
 * The comments of a YAML file, assigned to the parts of it that are kept.
 *
 * A comment belongs to the nearest kept part around it, or else to the file: none is lost.
 */
import { type Document, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Path } from '../diagnostics/diagnostics.ts';

interface Comment {
  readonly path: Path;
  readonly text: string;
}

export class Comments {
  readonly #all: readonly Comment[];
  readonly #byPart = new Map<string, string>();

  /**
   * @param text of a file that was read without an error
   * @param version the rules by which keys were read
   */
  constructor(text: string, version: '1.1' | '1.2') {
    const document = parseDocument(text, {
      version,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
    this.#all = [...commentsOf(document)];
  }

  /** Assigns the comments to these parts; those outside of all of them to the file. */
  assignTo(parts: readonly Path[]): this {
    const kept = new Set(parts.map(keyOf));
    for (const { path, text } of this.#all) {
      let length = path.length;
      while (length > 0 && !kept.has(keyOf(path.slice(0, length)))) length--;
      const key = keyOf(path.slice(0, length));
      const before = this.#byPart.get(key);
      this.#byPart.set(key, before === undefined ? text : `${before}\n${text}`);
    }
    return this;
  }

  /** The comments of a part, without the #; those of the file for `[]`. Undefined when there are none. */
  of(part: Path): string | undefined {
    return this.#byPart.get(keyOf(part));
  }
}

const keyOf = (path: Path): string => JSON.stringify(path);

function* commentsOf(document: Document): Generator<Comment> {
  yield* comment([], document.commentBefore);
  yield* below(document.contents, []);
  yield* comment([], document.comment);
}

/** Recursive; the depth of the file was checked before it was parsed. */
function* below(node: unknown, path: Path): Generator<Comment> {
  if (isMap(node)) {
    const [first] = node.items;
    yield* comment(first ? [...path, keyText(first.key)] : path, node.commentBefore);
    for (const { key, value } of node.items) {
      const at = [...path, keyText(key)];
      if (isScalar(key)) yield* comment(at, key.commentBefore, key.comment);
      yield* below(value, at);
    }
    yield* comment(path, node.comment);
  } else if (isSeq(node)) {
    yield* comment(node.items.length > 0 ? [...path, 0] : path, node.commentBefore);
    for (const [i, item] of node.items.entries()) yield* below(item, [...path, i]);
    yield* comment(path, node.comment);
  } else if (isScalar(node)) {
    yield* comment(path, node.commentBefore, node.comment);
  }
}

function* comment(path: Path, ...texts: readonly (string | null | undefined)[]): Generator<Comment> {
  for (const text of texts) if (text) yield { path, text };
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}
