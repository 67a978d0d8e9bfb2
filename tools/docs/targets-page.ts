/** docs/reference/targets.md: every key of targets.yml, from its schema. */
import { annotatedSchema } from '../../src/config/json-schema.ts';
import { choiceSections, TARGET_CHOICES } from './choices.ts';
import { type ExampleSource, exampleByKey } from './examples.ts';
import { keySections } from './key-sections.ts';
import { checkWritten, isSameKey, keyRow, keyTable, type PageScope } from './key-tables.ts';
import { table } from './markdown.ts';

/** The levels on which a key may stand, the strongest first. */
const LEVELS = ['Target', 'Group', 'Defaults'] as const;

const INTRODUCTION = `<!-- Made by \`npm run docs\` from the schemas in src/config: change those. -->
# targets.yml

Who is watched, and how: every key of the file. [targets.yml by example](../guides/targets.md) shows them together; what is
asked is in [query files](query-file.md). \`mysql-query-exporter check\` finds every mistake, each with its line and column.

Values:

- A *duration* is written \`500ms\`, \`5s\`, \`1m30s\` or \`2h\`; a bare number is seconds.
- In texts \`\${NAME}\` and \`\${NAME:-default}\` are replaced by environment variables, \`$$\` is a dollar sign. A variable that
  is not set, and has no default, is an error.
- The names of files are relative to this one.
- Names have letters, digits, \`_\` and \`.\`, those of auth modules also \`-\`. The name of a target is any text.

Unknown keys, duplicate keys and unknown references are errors. The JSON Schema for editors is
[schemas/targets.json](../../schemas/targets.json).`;

const TARGETS = `A target is found at \`address\` or \`dsn\`, or under its own name when that is an address with a port or a socket, such as
\`10.0.0.11:3306\`; then it needs no key at all.

Most keys may also stand in a group or in the defaults, as the column *level* says. A target's own wins over its groups'
(of several groups the last), a group's over the defaults. The keys of \`labels\`, \`session\`, \`params\`, \`queries\` and \`tls\` are joined, the
query sets of several groups too.`;

const SCRAPES = `One answer for several targets, at \`/scrape/NAME\`, for a Prometheus that cannot be given the
[relabeling](../../README.md#watch-your-own-servers). One request per target is better where it is possible: each then has a
timeout of its own, and Prometheus spreads them over time.

All targets are asked at once, the enabled ones among those that are named, each once. Every sample has the label
\`instance\`, the target's name. A label of that name which a query has itself becomes \`exported_instance\`; set
\`honor_labels: true\` in Prometheus to keep \`instance\`. \`query_exporter_status{instance}\` is 1 when every query of that target
succeeded. A dead target costs its own samples, and the answer waits for it no longer than its \`connect_timeout\`; when the
time of the scrape is over, what is there is answered. The time is the scraper's own, or else the longest \`scrape_timeout\`.`;

interface PageSection {
  readonly section: string;
  readonly text?: string;
  /** Other than a table of its keys. */
  readonly keys?: 'by level' | 'elsewhere';
}

const SECTIONS: readonly PageSection[] = [
  { section: 'File' },
  { section: 'Target', text: TARGETS, keys: 'by level' },
  {
    section: 'Group',
    text: 'Settings that several targets share: the keys of a [target](#target) whose level names *group*.',
    keys: 'elsewhere',
  },
  {
    section: 'Defaults',
    text: 'Settings of every target that does not say otherwise: the keys of a [target](#target) whose level names *defaults*.',
    keys: 'elsewhere',
  },
  {
    section: 'Settings of a query',
    text: 'Of a query set, or of `set/query`, which wins over its set: what is other for the target than its [query file](query-file.md) says.',
  },
  { section: 'TLS' },
  { section: 'Auth module', text: 'Credentials that targets share, or that a URL may choose.' },
  { section: 'Scrape', text: SCRAPES },
];

/** The page as text. */
export function targetsPage(sources: readonly ExampleSource[]): string {
  const schema = annotatedSchema('targets');
  const sections = keySections(schema);
  const scope = { sections, examples: exampleByKey(schema, sources), choices: TARGET_CHOICES };
  checkWritten(
    sections,
    SECTIONS.map(({ section }) => section),
  );
  const body = SECTIONS.flatMap(({ keys, section: name, text }) => {
    const section = sections.find((one) => one.name === name);
    if (section === undefined || keys === 'elsewhere') return ['', `## ${name}`, '', text ?? ''];
    const rows = keys === 'by level' ? levelTable(scope) : keyTable(section, scope);
    return ['', `## ${name}`, '', ...(text === undefined ? [] : [text, '']), ...rows];
  });
  return `${[INTRODUCTION, ...body, ...choiceSections(TARGET_CHOICES)].join('\n')}\n`;
}

/** Each key of a target once, with the levels on which it may stand. */
function levelTable(scope: PageScope): readonly string[] {
  const levels = LEVELS.flatMap((level) => scope.sections.find(({ name }) => name === level) ?? []);
  const keys = new Map(levels.flatMap((level) => level.keys).map((entry) => [entry.key, entry]));
  const rows = [...keys.values()].map((entry) => {
    const on = levels.filter((level) => level.keys.some(({ key }) => key === entry.key));
    const names = on.map(({ name }) => name);
    if (on.some(({ keys: own }) => !own.some((other) => isSameKey(entry, other))))
      throw new Error(`${entry.key} means different things in ${names.join(', ')}`);
    const [key = '', ...cells] = keyRow(entry, names, scope);
    return [key, names.join(', ').toLowerCase(), ...cells];
  });
  return table(['key', 'level', 'value', 'default', 'what', 'example'], rows);
}
