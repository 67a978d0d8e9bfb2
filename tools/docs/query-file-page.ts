/** docs/reference/query-file.md: every key of query files, from their schema. */
import { annotatedSchema } from '../../src/config/json-schema.ts';
import { choiceSections, QUERY_CHOICES } from './choices.ts';
import { type ExampleSource, exampleByKey } from './examples.ts';
import { type KeySection, keySections, sectionLink } from './key-sections.ts';
import { checkWritten, isSameKey, keyTable, usedAtText } from './key-tables.ts';
import { code } from './markdown.ts';

const INTRODUCTION = `<!-- Made by \`npm run docs\` from the schemas in src/config: change those. -->
# Query files

What to ask, and what it becomes: every key of a query file. [Query sets by example](../guides/query-sets.md) shows what each
gives; the [query library](query-library.md) lists the sets that are shipped. \`query_files\` of [targets.yml](targets.md) names
the files. \`mysql-query-exporter check FILE\` finds every mistake, each with its line and column.

Values:

- A *duration* is written \`500ms\`, \`5s\`, \`1m30s\` or \`2h\`; a bare number is seconds.
- A *plain value* is a text, a number, \`true\` or \`false\`.
- Columns are found without regard to case.
- A *regular expression* is one of JavaScript, with the flag \`u\`; one that could take very long for some texts runs on RE2, and is refused with what RE2 does not have.
- Names of sets, queries and parameters have letters, digits, \`_\` and \`.\`.

Unknown keys and duplicate keys are errors. The JSON Schema for editors is [schemas/queries.json](../../schemas/queries.json).`;

/** The sections of the page in their order, and what they say before their keys. */
const SECTIONS: Readonly<Record<string, string>> = {
  File: '',
  'Query set':
    'A named list of queries that targets choose. One of `queries` and `metrics` must name a query; it may have both.',
  Query:
    'A statement, and the metrics that its result becomes: at least one of `metrics`, `key_value` and `columns`. All samples of a query appear, or none.',
  'Short form': 'One query for one metric, which has its name.',
  Metric:
    "The name of the set's `namespace` is joined to its name with `_`. Exactly one of `value`, `values` and `static_value` says where the number comes from; the types info, histogram and summary, and `group: count`, need none.",
  Label: 'Where the name of a column is not enough. The text is changed in the order of the keys below.',
  'Value column': 'A column of `values` with labels of its own.',
  Condition: 'Which rows count.',
  Extract: 'Takes the texts of a cell apart with the named groups of a regular expression.',
  Histogram: '',
  Summary: '',
  'Keys and values': 'Each row is a key and a value, as of `SHOW GLOBAL STATUS`; the keys name the metrics.',
  'Columns as keys':
    'Each column that is no label is a key and its cell the value, as of `SHOW REPLICA STATUS`; the columns name the metrics.',
  Rule: 'What a key becomes: a metric, or with `drop: true` nothing. A metric needs `metric`, `type` and `description`. In their texts, and in those of `labels` and `aliases`, `$0` is the whole key and `$1` to `$9` are the groups of `match`.',
  Key: 'Where keys must be changed before they are looked at, in the order of the keys below.',
  Info: '',
  Variant: 'A statement for some servers. It has one of `query` and `query_file`.',
  Requirement: 'What a server must have; all that is named must hold.',
  'Grants by flavour': '',
  Parameter: 'A value that targets may set, under `params` of targets.yml.',
};

/** The page as text. */
export function queryFilePage(sources: readonly ExampleSource[]): string {
  const schema = annotatedSchema('queries');
  const sections = keySections(schema);
  const scope = { sections, examples: exampleByKey(schema, sources), choices: QUERY_CHOICES };
  checkWritten(sections, Object.keys(SECTIONS));
  const body = Object.entries(SECTIONS).flatMap(([name, text]) => {
    const section = sections.find((one) => one.name === name);
    if (section === undefined) return [];
    const about = [usedAtText(section), text].filter((part) => part !== '').join(' ');
    const keys = name === 'Short form' ? joinedKeys(section, sections) : keyTable(section, scope);
    return ['', `## ${name}`, '', ...(about === '' ? [] : [about, '']), ...keys];
  });
  return `${[INTRODUCTION, ...body, ...choiceSections(QUERY_CHOICES)].join('\n')}\n`;
}

/** Keys that all mean what they mean in a query or a metric need no table of their own. */
function joinedKeys({ keys, name }: KeySection, sections: readonly KeySection[]): readonly string[] {
  const others = ['Query', 'Metric'].map((other) => sections.find((section) => section.name === other));
  let left = keys;
  const lines = others.flatMap((section) => {
    if (section === undefined) return [];
    const taken = left.filter((entry) => section.keys.some((other) => isSameKey(entry, other)));
    left = left.filter((entry) => !taken.includes(entry));
    return [`- as in a ${sectionLink(section.name)}: ${taken.map(({ key }) => code(key)).join(', ')}`];
  });
  if (left.length > 0)
    throw new Error(`${name} has keys of its own: ${left.map(({ key }) => key).join(', ')}`);
  return ['Its keys are those of both:', '', ...lines];
}
