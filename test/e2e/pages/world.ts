/**
 * An exporter with targets of every kind for the pages to show: well, slow, denied, dead, never asked, disabled, and one
 * whose names and errors are written to break a page.
 */
import { Exporter } from '../../support/exporter.ts';
import { type RealServer, realServers } from '../../support/real-servers.ts';

/** Of this process alone: another test of pages may end meanwhile, with its user. */
export const USER = `pages_probe_${process.pid}`;
export const PASSWORD = 'never to be shown';

/** What a page must show as text. */
export const MARKUP = '<img src=x onerror=alert(1)>"\u202eright\u0007';

export interface PagesWorld extends AsyncDisposable {
  readonly exporter: Exporter;
  readonly servers: readonly RealServer[];
  /** Probes targets one after the other. */
  probe(...targets: readonly string[]): Promise<void>;
  /** Changes the text of targets.yml. */
  rewrite(change: (text: string) => string): Promise<void>;
}

export async function startPagesWorld(...flags: readonly string[]): Promise<PagesWorld> {
  const servers = await realServers();
  for (const server of servers) await server.createUser(USER, PASSWORD);
  const files = filesFor(servers);
  let text = files['targets.yml'];
  const exporter = await Exporter.start(files, ...flags);
  return {
    exporter,
    servers,
    async probe(...targets) {
      for (const target of targets) await exporter.probe(target);
    },
    async rewrite(change) {
      text = change(text);
      await exporter.write({ 'targets.yml': text });
    },
    async [Symbol.asyncDispose]() {
      await exporter[Symbol.asyncDispose]();
      for (const server of servers) await server.dropUser(USER);
    },
  };
}

const filesFor = (servers: readonly RealServer[]) => ({
  'targets.yml': `
query_files: [builtin, own.yml]
defaults:
  user: ${USER}
  password: "${PASSWORD}"
groups:
  production: {}
  staging: {}
targets:
${servers
  .map(
    ({ name, port }) => `
  ${name}:
    address: "127.0.0.1:${port}"
    groups: [production]
    labels: {region: eu, team: ${name === 'MySQL' ? 'shop' : 'billing'}}
    query_sets: [global_status, global_variables, slave_status, own]
  slow-${name}:
    address: "127.0.0.1:${port}"
    groups: [staging]
    query_sets: [own, slow]
    max_load: 100%
  denied-${name}:
    address: "127.0.0.1:${port}"
    groups: [staging]
    password: "wrong"
`,
  )
  .join('')}
  dead: {address: "127.0.0.1:1", groups: [production]}
  never-asked: {address: "127.0.0.1:1"}
  switched-off: {address: "127.0.0.1:1", enabled: false}
  odd: {address: "127.0.0.1:${servers[0]?.port}", query_sets: [odd], labels: {note: ${JSON.stringify(MARKUP)}}}
  "*.pattern.example:3306": {networks: [127.0.0.0/8]}
`,
  'own.yml': `
query_sets:
  own:
    namespace: own
    queries:
      answer: {query: SELECT 42 AS v, metrics: {answer: {type: gauge, description: Good, value: v}}}
      absent: {query: SELECT 1 AS v, requires: {tables: [no.such]}, metrics: {absent: {type: gauge, description: Absent, value: v}}}
      kept: {query: SELECT 1 AS v, min_interval: 1h, metrics: {kept: {type: gauge, description: Kept, value: v}}}
  slow:
    namespace: slow
    queries:
      sleep: {query: SELECT SLEEP(5) AS v, timeout: 200ms, metrics: {slept: {type: gauge, description: Slept, value: v}}}
  odd:
    namespace: odd
    queries:
      error:
        query: "SELECT * FROM \`no_such_<b>table</b>\`.t WHERE a < 1 AND b = '&amp;'"
        metrics: {odd: {type: gauge, description: Odd, value: v}}
`,
});
