/**
 * What the words mean that keys choose between. A new word does not compile before it is explained here.
 */
import type { TlsMode } from '../../src/model/config.ts';
import type { Grouping, OnDuplicate, OnEmpty, Parser, Substitute } from '../../src/model/metric.ts';
import type { MetricType } from '../../src/model/metric-type.ts';
import type { Cost, ParamType } from '../../src/model/query-set.ts';
import { anchorOf, code, table } from './markdown.ts';

export interface Choice {
  readonly heading: string;
  readonly about: string;
  /** In the order in which the page has them. */
  readonly words: Readonly<Record<string, string>>;
}

export const TARGET_CHOICES: readonly Choice[] = [
  {
    heading: 'TLS modes',
    about: "Of `mode`, with the meaning of mysql's `--ssl-mode`.",
    words: {
      disabled: 'Never encrypted.',
      preferred: 'Encrypted when the server can; its certificate is not looked at.',
      required: 'Encrypted, or there is no connection; its certificate is not looked at.',
      verify_ca: 'As `required`, and an authority of `ca_file` must have signed the certificate.',
      verify_identity: 'As `verify_ca`, and the certificate must carry the name of the server.',
    } satisfies Record<TlsMode, string>,
  },
];

export const QUERY_CHOICES: readonly Choice[] = [
  {
    heading: 'Metric types',
    about: 'Of `type`.',
    words: {
      gauge: 'A number that may rise and fall.',
      counter: 'A number that only rises, until it starts again.',
      untyped: 'A number of which nobody can tell whether it may fall.',
      info: 'Always 1, exposed as a gauge; what it tells is in its labels.',
      stateset: 'A gauge for each of its `states`: 1 for the one that holds, 0 for the others.',
      histogram: 'Buckets, a count and a sum; rows with equal labels are its buckets.',
      summary: 'Quantiles, a count and a sum; each row is one.',
    } satisfies Record<MetricType, string>,
  },
  {
    heading: 'Parsers',
    about: 'Of `parse`: how a text becomes a number. What does not fit is no number, see `on_invalid`.',
    words: {
      number: 'A decimal number.',
      status:
        'As mysqld_exporter reads status and variables: `ON`, `YES`, `Primary` are 1, `OFF`, `NO`, `Connecting`, `Disabled`, `Non-Primary`, `Disconnected` are 0; a date becomes seconds since 1970; else a decimal number.',
      yes_no: '`yes`, `y`, `on`, `true`, `1` are 1 and `no`, `n`, `off`, `false`, `0` are 0.',
      is_on:
        'Of a state: `ON`, `YES`, `Y`, `true`, `1`, `Primary` are 1, every other text is 0, so that no new word hides that it is not well.',
      datetime:
        '`2026-11-23 01:02:03`, in UTC as all sessions are, becomes seconds since 1970; a zero date is 0.',
      size: '`128M`, `1.5G` or `512 KB`, in powers of 1024.',
    } satisfies Record<Parser, string>,
  },
  {
    heading: 'Substitutes',
    about: 'Of `on_null` and `on_invalid`.',
    words: {
      skip: 'No sample.',
      zero: '0.',
      nan: 'NaN.',
      error: 'The query fails with the reason `invalid_value`.',
    } satisfies Record<Substitute, string>,
  },
  {
    heading: 'Groupings',
    about: 'Of `group`: what rows with equal labels become.',
    words: {
      sum: 'The sum of their numbers.',
      count: 'How many they are; needs no `value`.',
      max: 'The largest of their numbers.',
      last: 'The number of the last one.',
    } satisfies Record<Grouping, string>,
  },
  {
    heading: 'Duplicates',
    about: 'Of `on_duplicate`.',
    words: {
      drop: 'The first row counts; the others are dropped, and counted in `query_exporter_duplicate_series_total`.',
      error: 'The query fails with the reason `invalid_value`.',
    } satisfies Record<OnDuplicate, string>,
  },
  {
    heading: 'Empty results',
    about: 'Of `on_empty`.',
    words: {
      ok: 'No sample, and no failure.',
      error: 'The query fails with the reason `invalid_value`.',
      zero: '0 for each metric of the query, which must have no labels but constant ones.',
    } satisfies Record<OnEmpty, string>,
  },
  {
    heading: 'Costs',
    about:
      'Of `cost`: what asking a set means for a server. That of the shipped sets [was measured](costs.md) where there are 2,000 tables.',
    words: {
      cheap: 'Reads counters.',
      moderate: 'Grows with the number of tables, statements or accounts.',
      heavy: 'May take seconds: give it a longer `timeout`, or ask it less often.',
    } satisfies Record<Cost, string>,
  },
  {
    heading: 'Parameter types',
    about: 'Of a parameter: what stands in the statement in place of `:name`.',
    words: {
      integer: 'A whole number.',
      string: 'A text in quotes.',
      identifier: 'The name of a database, table or column, in backquotes.',
      list: 'Texts in quotes with commas between; an empty list is the empty text.',
      boolean: '1 or 0.',
    } satisfies Record<ParamType, string>,
  },
];

/** A table for each choice, as sections of the page. */
export function choiceSections(choices: readonly Choice[]): readonly string[] {
  return choices.flatMap(({ about, heading, words }) => [
    '',
    `## ${heading}`,
    '',
    about,
    '',
    ...table(
      ['value', 'meaning'],
      Object.entries(words).map(([word, meaning]) => [code(word), meaning]),
    ),
  ]);
}

/** The words with a link to what they mean, where that is explained. */
export function choiceText(words: readonly string[], choices: readonly Choice[]): string {
  const choice = choices.find((one) => words.every((word) => Object.hasOwn(one.words, word)));
  const list = words.map(code).join(', ');
  return choice === undefined ? list : `${list}: [meaning](#${anchorOf(choice.heading)})`;
}
