/** No key of a target is accepted and then forgotten: each one changes what the target becomes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetKeys } from '../../../../src/config/targets-file/schema.ts';
import type { Target } from '../../../../src/model/config.ts';
import { loadTarget } from '../../../support/config-folder.ts';

const BASE = 'address: h, user: u, query_sets: [one]';

const QUERIES = `
query_sets:
  one:
    params: {limit: {type: integer, default: 5}}
    metrics: {one: {query: "SELECT :limit AS v", type: gauge, description: One, value: v}}
  global_status:
    params: {redo_log_names: {type: boolean, default: false}}
    metrics: {three: {query: SELECT 3 AS v, type: gauge, description: Three, value: v, only_if: redo_log_names}}
  two:
    metrics: {two: {query: SELECT 2 AS v, type: gauge, description: Two, value: v}}
`;

/** Keys that a target with a name of its own cannot have: patterns.test.ts. */
const OF_PATTERNS = { networks: true, max_names: true };

/** A value that is not the default, in YAML; a new key does not compile before it has one. */
const EXAMPLES: Readonly<Record<Exclude<keyof TargetKeys, keyof typeof OF_PATTERNS>, string>> = {
  address: '10.0.0.1',
  dsn: '"u:p@tcp(other)/"',
  database: 'shop',
  auth_module: 'module',
  allow_auth_modules: '[module]',
  user: 'somebody',
  user_file: 'secret.user',
  password: 'secret',
  password_file: 'secret.password',
  password_command: '[/bin/echo, secret]',
  password_ttl: '1m',
  tls: '{mode: required}',
  allow_public_key_retrieval: 'true',
  pipelining: 'false',
  groups: '[group]',
  labels: '{env: prod}',
  query_sets: '[two]',
  params: '{one: {limit: 7}}',
  profiles: '[percona]',
  queries: '{one/one: {timeout: 3s}}',
  max_connections: '2',
  connect_timeout: '1s',
  query_timeout: '4s',
  scrape_timeout: '9s',
  scrape_interval: '30s',
  idle_timeout: '1m',
  max_connection_age: '2m',
  max_load: '20%',
  session: '{wait_timeout: 60}',
  enabled: 'false',
};

/** As text: maps as lists. */
const textOf = (target: Target): string =>
  JSON.stringify(target, (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );

const revealed = ({ credentials }: Target): string =>
  credentials.password.kind === 'text' ? credentials.password.secret.reveal() : credentials.password.kind;

async function targetWith(keys: string): Promise<string> {
  const target = await loadTarget({
    'targets.yml': `
query_files: [queries.yml]
auth_modules: {module: {user: of_module, password: of_module}}
groups: {group: {labels: {of: group}}}
targets: {a: {${keys}}}
`,
    'secret.password': 'in a file',
    'secret.user': 'in a file too',
    'queries.yml': QUERIES,
  });
  return `${textOf(target)} ${revealed(target)}`;
}

/** The base without what the key stands in place of, or with what it needs. */
const besides: Partial<Record<keyof TargetKeys, string>> = {
  address: BASE.replace('address: h, ', ''),
  dsn: BASE.replace('address: h, ', ''),
  user: BASE.replace(', user: u', ''),
  user_file: BASE.replace(', user: u', ''),
  password_ttl: `${BASE}, password_command: [/bin/echo, secret]`,
  auth_module: BASE.replace(', user: u', ''),
  query_sets: BASE.replace(', query_sets: [one]', ''),
};

for (const [key, value] of Object.entries(EXAMPLES))
  test(`the key ${key} of a target changes it`, async () => {
    const base = besides[key as keyof TargetKeys] ?? BASE;
    const before = key === 'password_ttl' ? base : BASE;
    assert.notEqual(await targetWith(`${base}, ${key}: ${value}`), await targetWith(before));
  });
