/**
 * Where readers report what is wrong: a list for all files of one run, and a view of it for the part of a file that
 * is being read. The list also knows what the run has read.
 *
 * A view knows its file, the path of its part, and how a path becomes a position. Readers take a view and give
 * narrower ones to the readers of the parts below; none of them handles positions or whole paths.
 */
import { type Diagnostic, isError, type Place, type Position, sortDiagnostics } from './diagnostic.ts';
import type { Input } from './input.ts';

/** Keys and list indexes from the top of a file. */
export type Path = readonly (string | number)[];

/** Which part of a `key: value` pair a diagnostic points at. */
export type PairPart = 'key' | 'value';

/** A file whose parts have positions. */
export interface SourceFile {
  readonly file: string;
  /** The position of the key at the end of the path, or of its value. A list entry has no key, so its value. */
  readonly positionOf: (path: Path, at: PairPart) => Position;
}

/** All diagnostics of one run, over all of its files. */
export class DiagnosticList {
  readonly #all: Diagnostic[] = [];
  readonly #inputs: Input[] = [];

  /** In the order in which they were reported. */
  get all(): readonly Diagnostic[] {
    return this.#all;
  }

  get hasErrors(): boolean {
    return this.#all.some(isError);
  }

  /** In reading order, each once. */
  sorted(): readonly Diagnostic[] {
    return sortDiagnostics(this.#all);
  }

  /** All that was read, or looked for in vain. */
  get inputs(): readonly Input[] {
    return this.#inputs;
  }

  noteInput(input: Input): void {
    this.#inputs.push(input);
  }

  add(...diagnostics: readonly Diagnostic[]): void {
    this.#all.push(...diagnostics);
  }

  /** Adds an error at a place that was kept from earlier. */
  error({ file, line, column }: Place, message: string): void {
    this.add({ severity: 'error', file, line, column, message });
  }

  /** As {@link error}, but a warning. */
  warn({ file, line, column }: Place, message: string): void {
    this.add({ severity: 'warning', file, line, column, message });
  }

  /** The view of a whole file. Of a file known only by its name, a path is the number of a line, by default 1. */
  in(source: SourceFile | string): Diagnostics {
    const located = typeof source === 'string' ? linesOf(source) : source;
    return new Diagnostics({ list: this, source: located, least: 'advice' }, []);
  }
}

const linesOf = (file: string): SourceFile => ({
  file,
  positionOf: ([line = 1]) => ({ line: Number(line), column: 1 }),
});

/** What a view passes on, from the least grave on. */
const LEVELS = ['advice', 'warning', 'error', 'nothing'] as const;
type Level = (typeof LEVELS)[number];

const isGraver = (a: Level, b: Level): boolean => LEVELS.indexOf(a) > LEVELS.indexOf(b);

interface Scope {
  readonly list: DiagnosticList;
  readonly source: SourceFile;
  /** What is less grave is dropped. */
  readonly least: Level;
}

/** The diagnostics of one part of a file. */
export class Diagnostics {
  /** The path of the part, from the top of the file. */
  readonly path: Path;
  readonly #scope: Scope;
  readonly #parent: Diagnostics | undefined;
  #hasErrors = false;

  constructor(scope: Scope, path: Path, parent?: Diagnostics) {
    this.#scope = scope;
    this.path = path;
    this.#parent = parent;
  }

  get file(): string {
    return this.#scope.source.file;
  }

  /** The position of the part's key; of a list entry, its own. */
  get place(): Place {
    return this.#placeOf('key');
  }

  /** Whether an error was reported through this view or one that was made from it. */
  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  /** Notes what else was read for this part. */
  noteInput(input: Input): void {
    this.#scope.list.noteInput(input);
  }

  /** The view of a part below this one. */
  at(...steps: Path): Diagnostics {
    return new Diagnostics(this.#scope, [...this.path, ...steps], this);
  }

  error(message: string, at: PairPart = 'key'): void {
    this.#report('error', message, at);
  }

  warn(message: string, at: PairPart = 'key'): void {
    this.#report('warning', message, at);
  }

  /** A warning about style, which the author of a file can switch off. */
  advise(message: string): void {
    this.#report('advice', message, 'key');
  }

  withoutAdvice(): Diagnostics {
    return this.#from('warning');
  }

  withoutWarnings(): Diagnostics {
    return this.#from('error');
  }

  /** The same part for a reader whose diagnostics are reported elsewhere. */
  silent(): Diagnostics {
    return this.#from('nothing');
  }

  #from(level: Level): Diagnostics {
    const least = isGraver(level, this.#scope.least) ? level : this.#scope.least;
    return new Diagnostics({ ...this.#scope, least }, this.path, this);
  }

  #report(level: Exclude<Level, 'nothing'>, message: string, at: PairPart): void {
    const { least, list } = this.#scope;
    if (isGraver(least, level)) return;
    const severity = level === 'error' ? level : 'warning';
    list.add({ severity, ...this.#placeOf(at), message });
    if (level !== 'error') return;
    for (let view: Diagnostics | undefined = this; view; view = view.#parent) view.#hasErrors = true;
  }

  #placeOf(at: PairPart): Place {
    const { file, positionOf } = this.#scope.source;
    return { file, ...positionOf(this.path, at) };
  }
}
