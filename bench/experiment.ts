/**
 * What an experiment is: it measures some lines of the table, in a run that has one server for all of them.
 */
import type { DatabaseServer } from '../harness/server-process.ts';
import type { Figures, LineId } from './lines.ts';
import type { Options } from './options.ts';

/** What exporters and servers are started with. */
export interface Site {
  readonly options: Pick<Options, 'gzip' | 'tls'>;
  readonly server: DatabaseServer;
  /** Of this run, gone at its end. */
  readonly folder: string;
}

/** What a run has for its experiments. */
export interface Bench extends Site {
  readonly options: Options;
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly figures: Figures;
  /** Tables for context, each with a row of headings. */
  readonly tables: readonly Table[];
  /** Every phase, for the JSON. */
  readonly details: unknown;
}

/** Names to the left, numbers to the right. */
export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export interface Experiment {
  readonly name: string;
  readonly lines: readonly LineId[];
  /** The most connections to the server that it holds at once. */
  readonly connections: (options: Options) => number;
  /** Whatever it starts it stops; after an Error the end of the run does. */
  readonly run: (bench: Bench) => Promise<Outcome>;
}
