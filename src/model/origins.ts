/**
 * Where in the files the settings of targets stand: beside the configuration and not in it, so that a target is the same
 * wherever it stands.
 */

export interface Origins {
  readonly file: string;
  readonly queryFiles: QueryFilesOrigin | undefined;
  readonly defaults: LevelOrigins;
  readonly groups: ReadonlyMap<string, LevelOrigins>;
  readonly authModules: ReadonlyMap<string, LevelOrigins>;
  /** By name, or by the text of a pattern. */
  readonly targets: ReadonlyMap<string, LevelOrigins>;
}

export interface QueryFilesOrigin {
  /** Absolute, but for `builtin`. */
  readonly patterns: readonly string[];
  readonly line: number;
}

/** What one level says. */
export interface LevelOrigins {
  /** On which it begins. */
  readonly line: number;
  /** By {@link pathOf} the setting. */
  readonly lines: Readonly<Record<string, number>>;
  /** The names of the variables in its text, for settings that have any. */
  readonly variables?: Readonly<Record<string, readonly string[]>>;
  readonly authModule?: string;
  /** The settings that its dsn has. */
  readonly ofDsn?: readonly string[];
}

/** The path of a setting in one text: `tls mode`, `query_sets global_status`. No key but the last has a blank in it. */
export const pathOf = (...steps: readonly string[]): string => steps.join(' ');
