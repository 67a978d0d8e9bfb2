/**
 * JSON Schemas of both kinds of file, for editors: keys, types and what each key means.
 *
 * Made from the zod schemas that the loader itself uses. The committed copies are schemas/*.json.
 */
import { z } from 'zod';
import { queryFileSchema } from './query-file/schema.ts';
import { targetsFileSchema } from './targets-file/schema.ts';

export const SCHEMA_KINDS = ['targets', 'queries'] as const;
export type SchemaKind = (typeof SCHEMA_KINDS)[number];

const FILES = {
  targets: { title: 'targets.yml of mysql-query-exporter', schema: targetsFileSchema },
  queries: { title: 'A query file of mysql-query-exporter', schema: queryFileSchema },
} as const;

/** What each key means, wherever it stands in such a file. */
const DESCRIPTIONS: Readonly<Record<SchemaKind, Readonly<Record<string, string>>>> = {
  targets: {
    query_files:
      'Query files, relative to this file; patterns such as queries/*.yml. The shipped sets when left out',
    defaults: 'What holds for every target unless the target or its group says otherwise',
    auth_modules: 'Credentials by name',
    groups: 'At the top, settings by name that several targets share; below it the names',
    targets: 'The servers by the name that Prometheus asks for; below scrapes names of them',
    scrapes: 'Several targets in one answer, by the name in the URL /scrape/NAME',
    address: 'host:port, [IPv6]:port or unix:///path/to/socket',
    dsn: 'Instead of address: user:password@tcp(host:port)/database or mysql://user:password@host/database',
    database: 'The default database',
    auth_module: 'Who logs in: a name from auth_modules',
    allow_auth_modules: 'Auth modules that a URL may choose with auth_module=',
    user: 'The account',
    password: 'Better a variable, such as ${MYSQL_PASSWORD}, or password_file',
    password_file: 'Read anew for each new connection',
    tls: 'Default {mode: preferred}: encrypted when the server can',
    mode: "As mysql's --ssl-mode",
    ca_file: 'Certificates (PEM) of the authorities to trust',
    cert_file: 'Our certificate (PEM), with key_file',
    key_file: 'The key (PEM) of cert_file',
    server_name: 'The name that the certificate must carry; default: the host',
    min_version: 'Oldest TLS version, such as 1.2',
    allow_public_key_retrieval:
      'Lets a password login without TLS encrypt the password with a key that the server names',
    labels: 'Labels of the target',
    query_sets: 'What to ask: names of query sets',
    max_connections: 'To this target at the same time; default 3',
    connect_timeout: 'Name, TCP, TLS and login together; default 3s',
    query_timeout: 'For queries without a timeout of their own; default 5s',
    scrape_timeout: "The scraper's own timeout counts too, the shorter one wins; default 10s",
    idle_timeout: 'Unused connections are closed after it; default 5m',
    session: 'System variables set on each new connection',
    params: 'Values for the parameters of query sets: set, then name',
    enabled: 'Default true',
  },
  queries: {
    query_sets: 'Query sets by name; targets.yml refers to them',
    description: 'For people; of a metric it becomes the HELP text',
    namespace: 'Put before the name of each metric with "_"; default query_exporter, "" for none',
    lint: 'false for a set whose names others chose: no advice about them; default true',
    queries: 'Queries by name, each with its metrics',
    metrics: 'Metrics by name; below a query set the short form, a query in each metric',
    query: 'One statement that reads',
    query_file: 'The statement in a file of its own, relative to this one',
    query_ref: 'The statement or variants of another query of this set, by its name',
    allow_call: 'Whether the statement may be CALL of a procedure, which must only read; default false',
    timeout: "Default: the target's query_timeout",
    grants:
      'Privileges that the account needs, such as PROCESS or SELECT ON performance_schema.*; a list, or one per flavour',
    mysql: 'On MySQL',
    mariadb: 'On MariaDB',
    cost: 'What asking it costs a server, roughly; default cheap',
    max_rows: 'A result with more rows fails; default 10000',
    max_series: 'A result that becomes more series fails; default 20000',
    type: 'The type of the metric',
    labels:
      'Columns that become labels: a name, or {column: a, as: b}; all for every column that is no value. Of one of values, constant ones',
    column: 'The column of the result',
    as: 'The name of the label; default: the column',
    value: 'The column with the value',
    values:
      'Several columns with a value, a series each: a list, {column: text of the label}, or a list of {column, labels}',
    value_label: 'With values: the label that tells the columns apart',
    static_value: 'A constant as the value',
    static_labels: 'Labels with a constant text',
    on_null: 'What NULL becomes; default skip: no sample',
    on_invalid: 'What a text that is no number becomes; default skip: no sample',
    parse: 'How a text becomes a number; default number',
    map: 'Texts that stand for numbers, in place of parse',
    scale: 'Every number is multiplied by it',
    when: 'Below a metric: only rows for which it holds. Below a variant: only such servers',
    in: 'One of these texts',
    not_in: 'None of these texts',
    above: 'More than this number',
    is_null: 'Whether it is NULL',
    states: 'With the type stateset: all states that there are',
    histogram: 'With the type histogram: its columns; rows with equal labels are its buckets',
    le: 'The column with the upper bound of a bucket',
    count: 'The column with the number of observations',
    sum: 'The column with their sum',
    cumulated: 'Whether the counts hold those of the smaller buckets already; default false',
    summary: 'With the type summary: its columns',
    quantiles: 'Columns with quantiles, and the texts of their label',
    group: 'Rows with equal labels become one sample',
    extract: 'Named groups of a regular expression become columns of the row',
    each: 'A row for each match of a line, in place of the first; default false',
    on_duplicate: 'What rows with equal labels are; default drop: the first counts',
    optional: 'Left out when a column is missing, in place of a failure; of a label: empty',
    on_empty: 'What no row at all means; default ok: no sample',
    aliases: 'Further names for the same samples; of a rule with $0 to $9, as its metric',
    aliases_if: 'The boolean parameter of the set that must be true for the aliases',
    only_if: 'The boolean parameter of the set that must be true; else this is as if it were not there',
    first_of: 'The first of these columns that is not empty',
    trim_prefix: 'Cut off where the text begins with it',
    match: 'A regular expression; of a label its first group is taken, of a rule it chooses the keys',
    replace: 'Texts to replace by others',
    lower: 'In lower case',
    truncate: 'Characters to keep',
    default: 'For an empty text',
    key_value: 'Metrics named by keys: each row is a key and a value',
    columns: 'Metrics named by columns. Below requires: columns that must be there, as schema.table.column',
    key: 'The column with the key; {column, replace, lower, ...} changes it first',
    keep_case: 'Keys keep their case; default false',
    rules: 'What a key becomes; the first that matches counts. $0 is the key, $1 the first group of match',
    drop: 'Nothing',
    metric: 'The name of the metric',
    info: 'Series that are always 1, with the texts of some keys as labels',
    need: 'Only when this key, or one of these, has a text',
    variants: 'Statements for some servers, in place of query; the first that fits is taken',
    params: 'What a target may set; in SQL as :name',
    requires: 'Only servers that have all of it; on others the query is skipped',
    flavour: 'mysql or mariadb',
    min_version: 'The oldest version, such as "8.0.22"',
    max_version: 'The first version that is too new',
    variables: 'Global variables and what they must be',
    tables: 'Tables that must be there, as schema.table',
    min_interval: 'Successful results are kept this long',
    ignore_errors: 'Numbers of server errors that mean: not on this server',
    enabled: 'Default true',
  },
};

/** The schema as JSON text with a newline at its end. */
export function jsonSchema(kind: SchemaKind): string {
  const { title, schema } = FILES[kind];
  // Draft 7 is what editors know best; `input`: what people write, before durations become numbers.
  const made = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  const described = describeKeys(made, DESCRIPTIONS[kind]) as Record<string, unknown>;
  return `${JSON.stringify({ title, ...described }, undefined, 2)}\n`;
}

/** A copy with a description beside each property that has one. */
function describeKeys(schema: unknown, descriptions: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(schema)) return schema.map((part) => describeKeys(part, descriptions));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, part]) => {
      const copy = describeKeys(part, descriptions);
      return [key, key === 'properties' ? withDescriptions(copy, descriptions) : copy];
    }),
  );
}

function withDescriptions(properties: unknown, descriptions: Readonly<Record<string, string>>): unknown {
  return Object.fromEntries(
    Object.entries(properties as Record<string, object>).map(([name, property]) => {
      const description = descriptions[name];
      return [name, description === undefined ? property : { description, ...property }];
    }),
  );
}
