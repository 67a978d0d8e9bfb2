/**
 * Targets by pattern: the keys that they alone have, and that no name is matched by two of the same rank.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { TargetPattern } from '../../model/config.ts';
import {
  compileNamePattern,
  isWellFormed,
  overlap,
  PATTERN_FORM,
  reachesAnyHost,
} from '../../model/name-pattern.ts';
import { parseNetwork } from '../check/network.ts';
import { isGiven, type Salvaged } from '../check/salvage.ts';
import type { PatternSettings, TargetSources } from './precedence.ts';
import { DEFAULT_MAX_NAMES, type TargetKeys } from './schema.ts';

/** Where the targets of a pattern are: their names tell. */
export const BY_NAME: Pick<TargetSources, 'address' | 'dsn'> = {
  address: { kind: 'tcp', host: '', port: 0 },
  dsn: undefined,
};

/** Reads what a pattern has besides the settings of every target; undefined, and reported, when it is none. */
export function readPattern(
  text: string,
  salvaged: Salvaged<TargetKeys>,
  diagnostics: Diagnostics,
): PatternSettings | undefined {
  for (const key of ['dsn', 'address'] as const)
    if (isGiven(salvaged, key))
      diagnostics.at(key).error(`${key}: a target by pattern is where its name says: remove this`);
  if (!isWellFormed(text)) {
    // Not repeated: a DSN may have come here.
    diagnostics.error(`a name with a * is a pattern, and this is no valid one: ${PATTERN_FORM}`);
    return undefined;
  }
  const { max_names: maxNames = DEFAULT_MAX_NAMES, networks } = salvaged.value;
  if (!isGiven(salvaged, 'networks') && reachesAnyHost(text))
    diagnostics.error(
      `the pattern "${text}" matches names of any host, to which the exporter would give its password: add networks, such as networks: [10.0.0.0/8]`,
    );
  return {
    maxNames,
    networks: networks?.flatMap((network, i) => readNetwork(network, diagnostics.at('networks', i))),
  };
}

function readNetwork(text: string, diagnostics: Diagnostics): readonly string[] {
  const network = parseNetwork(text);
  if (network.ok) return [network.value];
  diagnostics.error(`networks: ${network.message}`, 'value');
  return [];
}

/** Reports keys that a target whose name is no pattern cannot have. */
export function refusePatternKeys(salvaged: Salvaged<TargetKeys>, diagnostics: Diagnostics): void {
  for (const key of ['networks', 'max_names'] as const)
    if (isGiven(salvaged, key))
      diagnostics.at(key).error(`${key}: only for a target whose name is a pattern, with a *`);
}

/**
 * The patterns by rank, those that are looked at first at the beginning.
 *
 * @param file the whole file, in which two of the same rank that can match one name are reported
 */
export function rankPatterns(
  patterns: readonly TargetPattern[],
  file: Diagnostics,
): readonly TargetPattern[] {
  const ranked = patterns
    .map((pattern) => ({ pattern, literals: compileNamePattern(pattern.text).literals }))
    .sort((one, other) => other.literals - one.literals);
  for (const [i, { literals, pattern }] of ranked.entries())
    for (let j = i + 1; ranked[j]?.literals === literals; j++) {
      const other = ranked[j]?.pattern.text ?? '';
      if (overlap(pattern.text, other)) reportPair(pattern.text, other, file);
    }
  return ranked.map(({ pattern }) => pattern);
}

/** At both places, each with the other one. */
function reportPair(one: string, other: string, file: Diagnostics): void {
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    const { column, file: name, line } = file.at('targets', there).place;
    file
      .at('targets', here)
      .error(
        `the pattern "${here}" can match the same name as "${there}" at ${name}:${line}:${column}, and none has more literal characters: make one of them longer`,
      );
  }
}
