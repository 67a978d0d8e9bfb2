/** docs/reference/metrics.md: what the exporter exposes besides the metrics of query sets. */

import { FLEET_FAMILIES } from '../../src/fleet/families.ts';
import { PROBE_FAMILIES, type ProbeFamily } from '../../src/model/families.ts';
import { MAX_LABEL_LENGTH } from '../../src/model/metric.ts';
import type { Reason, SkipReason } from '../../src/model/reason.ts';
import { type Limit, OWN_METRICS } from '../../src/telemetry/own-metrics.ts';
import type { OwnFamily } from '../../src/telemetry/own-registry.ts';
import { code, table } from './markdown.ts';

const INTRODUCTION = `<!-- Made by \`npm run docs\` from src/model/families.ts, src/fleet/families.ts and src/telemetry/own-metrics.ts: change those. -->
# Metrics

What the exporter exposes besides the metrics of query sets, which the [query library](query-library.md) lists.`;

const OF_A_PROBE = `At \`/probe\`, beside the metrics of the query sets that were asked. At \`/scrape/NAME\` each has the label \`instance\` too, and
\`query_exporter_status\` is there only. \`mysql_up\` is always there.`;

const OF_THE_FLEET = `At \`/fleet\`, from the last results of the query set \`topology\`: [the guide](../guides/fleet.md).`;

/** What each label holds. */
const LABELS: Readonly<Record<string, string>> = {
  collector: '`collect.SET` for each query set; of the duration also `connection`, when one was opened.',
  query_set: 'The name of the query set.',
  query: 'The name of the query, in the short form that of the metric.',
  metric: 'The whole name of the metric.',
  privilege: 'As in `grants` of the query, such as `PROCESS` or `SELECT ON mysql.*`.',
  instance: 'The name of the target.',
  reason:
    'Of failures one of the [reasons](#reasons), of `query_exporter_query_skipped` one of the [reasons to skip](#reasons-to-skip).',
  limit: 'One of the [limits](#limits).',
  state: '`idle`, `busy`, `opening` or `closing`.',
  target: 'The name of a target.',
  source: 'The name of the target that others replicate from.',
  replica: 'The name of the target that replicates.',
  channel: 'The name of the channel, or of the connection on MariaDB; mostly empty.',
  thread: '`io` or `sql`.',
  bound: '`lower` or `upper`.',
  source_host: 'The address of the source as the replica has it, with its port.',
  replica_host: 'The address that the replica has announced, with its port; else its UUID or server id.',
  cluster: 'The label `cluster` of its targets; without one the name of its first target.',
  server_uuid: '`server_uuid`, on MariaDB `server_uid`.',
  group: 'The name of a group of targets.yml.',
  variable: 'The name of a system variable.',
  version: 'The version of the exporter.',
  nodeversion: 'The version of Node.js.',
};

interface ReasonText {
  readonly meaning: string;
  readonly look: string;
}

const REASONS: Readonly<Record<Reason, ReasonText>> = {
  dns: {
    meaning:
      'The name of the server could not be resolved in time, or leads out of the `networks` of its [pattern](../guides/targets.md#targets-by-pattern).',
    look: 'The name, and the name servers of the machine; `/etc/hosts` counts, other sources of `nsswitch.conf` do not.',
  },
  refused: {
    meaning:
      'Nothing listens there, or the server turns clients away: no connection is left for all or for the account, offline ' +
      'mode, a failed member of a group, a Galera node without its cluster.',
    look: 'Whether the server runs, its port, `max_connections` and `MAX_USER_CONNECTIONS`, its error log.',
  },
  unreachable: {
    meaning:
      'There is no way to the server, or the exporter may not take it; a proxy has no server behind it.',
    look: 'Routes and firewalls; the rights of a socket; `ulimit -n`.',
  },
  connect_timeout: {
    meaning: 'Name, TCP, TLS and login together took longer than `connect_timeout`, or than the probe has.',
    look: 'Whether the host is up; a firewall that drops packets; a server that is overloaded.',
  },
  tls: {
    meaning: 'There is no encryption that both sides want, or the certificate is not good.',
    look: 'The keys of `tls`, the names in the certificate, `require_secure_transport` of the server.',
  },
  credentials: {
    meaning: 'The exporter could not get the user or the password of the account.',
    look:
      'The file of `user_file` or `password_file`: whether it is there, may be read, and is in UTF-8; a mount that hangs. ' +
      'The program of `password_command`: the log has its exit code and the first line of its complaint.',
  },
  auth: {
    meaning: 'The server refused the login.',
    look: 'User, password and the host part of the account; whether it is locked or its password expired.',
  },
  backoff: {
    meaning: 'A login was refused before, so it is not tried again for 30 s, doubling up to 5 min.',
    look: 'As for `auth`. Another user or password is tried at once, a `password_command` is run when the time is over.',
  },
  queue: {
    meaning: 'All connections to the target were busy, or all of the exporter, until the time ended.',
    look: '`max_connections` of the target, `--max-connections`, `--max-queries`; queries that take long.',
  },
  timeout: {
    meaning: 'There was no answer in time; the statement was ended on the server.',
    look: '`timeout` of the query, `scrape_timeout`, the scrape timeout of Prometheus; `min_interval` for what is heavy.',
  },
  canceled: {
    meaning: 'Somebody else ended it: KILL QUERY, a scraper that hung up, or the exporter is stopping.',
    look: 'Who kills statements on that server.',
  },
  sql: {
    meaning: 'The server refused the statement.',
    look: 'Its words, in the log or with `check --target`, which also names the privilege that is missing.',
  },
  missing_column: {
    meaning: 'The result lacks a column that a metric names, or has it twice. It fails that metric alone.',
    look: '`probe NAME --query SET/QUERY`; `optional` for columns that not every server has.',
  },
  invalid_value: {
    meaning:
      'The result is not what a metric says: nothing but text where numbers are expected, or what `on_null`, `on_invalid`, `on_empty` or `on_duplicate` calls an error.',
    look: '`probe NAME --query SET/QUERY`.',
  },
  limit: {
    meaning: `Too many rows, series or bytes, a label of more than ${MAX_LABEL_LENGTH} characters, more text than regular expressions may look through; or the answer had no room (\`--web.max-response-bytes\`).`,
    look: '`max_rows` and `max_series` of the query; better a LIMIT in the statement.',
  },
  lost: {
    meaning: 'The connection broke.',
    look: 'Whether the server stopped or crashed, or somebody killed the session.',
  },
};

const SKIP_REASONS: Readonly<Record<SkipReason, string>> = {
  flavour: 'For the other one of MySQL and MariaDB.',
  version: 'For older or newer versions.',
  variable: 'A global variable has another value, or there is none of that name.',
  table: 'The server lacks a table.',
  column: 'The server lacks a column.',
  role: 'The server is a primary and not a replica, or the other way round; or the account may not see which.',
  ignored_error: 'The server answered with an error of `ignore_errors`.',
};

const LIMITS: Readonly<Record<Limit, string>> = {
  requests: '`--web.max-requests`: requests that were answered with 503.',
  connections: '`--max-connections`: queries that waited in vain for a connection.',
  queries: '`--max-queries`: queries that waited in vain for their turn.',
  response_bytes: '`--web.max-response-bytes`: queries whose samples were left out.',
  result_bytes: '`--max-result-bytes`: results that were refused while they arrived.',
  clients: 'Connections of clients, from the limit of open files: those that were closed, the idlest first.',
  unread_bytes: 'Bytes of answers that nobody reads: answers that were given up, the oldest first.',
  names:
    '`max_names` of a [pattern](targets.md#target): requests for further names, which were answered with 503.',
};

/** The page as text. */
export function metricsPage(): string {
  const families: readonly ProbeFamily[] = Object.values(PROBE_FAMILIES);
  const ofProbe = families.map(probeRow);
  const fleet: readonly ProbeFamily[] = Object.values(FLEET_FAMILIES);
  const own = Object.values(OWN_METRICS).map(ownRow);
  const labels = new Set(
    [
      ...[...families, ...fleet].map(({ labels }) => labels),
      ...Object.values(OWN_METRICS).map(labelsOf),
    ].flat(),
  );
  return `${[
    INTRODUCTION,
    ...section('What every probe has', OF_A_PROBE, table(['metric', 'type', 'labels', 'what'], ofProbe)),
    ...section(
      'Of the fleet',
      OF_THE_FLEET,
      table(['metric', 'type', 'labels', 'what'], fleet.map(probeRow)),
    ),
    ...section(
      'Of the exporter itself',
      'At `/metrics`, beside what prom-client tells of the process (`process_*`, `nodejs_*`).',
      table(['metric', 'type', 'labels', 'what'], own),
    ),
    ...section(
      'Labels',
      'Each comes from a closed list or from the configuration; none holds a text of a server but for `source_host`, `replica_host`, `server_uuid` and `variable` of the fleet, and `channel`.',
      table(['label', 'what'], [...labels].map(labelRow)),
    ),
    ...section(
      'Reasons',
      'Why a query or a whole probe failed. The log has the words of the server too.',
      table(
        ['reason', 'meaning', 'look at'],
        Object.entries(REASONS).map(([reason, { look, meaning }]) => [code(reason), meaning, look]),
      ),
    ),
    ...section(
      'Reasons to skip',
      'Why a query was not asked on a server that it is not for, which is no failure: what `requires`, `variants` and `ignore_errors` of a [query](query-file.md#query) say.',
      pairs(['reason', 'meaning'], SKIP_REASONS),
    ),
    ...section('Limits', 'What `query_exporter_refused_total` counts.', pairs(['limit', 'what'], LIMITS)),
  ].join('\n')}\n`;
}

function section(heading: string, text: string, lines: readonly string[]): readonly string[] {
  return ['', `## ${heading}`, '', text, '', ...lines];
}

const pairs = (head: readonly [string, string], of: Readonly<Record<string, string>>) =>
  table(
    head,
    Object.entries(of).map(([name, text]) => [code(name), text]),
  );

function probeRow({ help, labels, name, type }: ProbeFamily): readonly string[] {
  return [code(name), type, labels.map(code).join(', '), help];
}

function ownRow(family: OwnFamily): readonly string[] {
  return [code(family.name), family.type, labelsOf(family).map(code).join(', '), family.help];
}

const labelsOf = ({ labels = [] }: OwnFamily): readonly string[] => labels;

function labelRow(label: string): readonly string[] {
  const text = LABELS[label];
  if (text === undefined) throw new Error(`tools/docs/metrics-page.ts says nothing about the label ${label}`);
  return [code(label), text];
}
