/**
 * `npm run bench:fleet`: what does /fleet cost with a thousand targets, and what does the memory behind it take?
 *
 * The servers are made up: clusters of a primary and four replicas, each with 55 variables and transactions of three
 * sources; every primary has been looked at for longer than looks are kept apart; one replica in ten is behind, and one
 * server in a hundred has a set of 10,000 intervals.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { plainBytes } from '../../src/exposition/encoded.ts';
import { ProbeRegistry } from '../../src/exposition/probe-registry.ts';
import { Samples } from '../../src/exposition/samples.ts';
import { Fleet } from '../../src/fleet/fleet.ts';
import { exposeFleet } from '../../src/fleet/samples.ts';
import type { TableRows } from '../../src/fleet/server-facts.ts';
import type { Target } from '../../src/model/config.ts';

const TARGETS = 1_000;
const LOOKS = 200;
const ROUNDS = 30;
const SECONDS = 15;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapNow = () => {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
};

const uuid = (n: number, kind = 0) => `${String(n).padStart(8, '0')}-000${kind}-4000-8000-0123456789ab`;
const primaryOf = (n: number) => n - (n % 5);
const isPrimary = (n: number) => n % 5 === 0;

function gtidsOf(n: number, look: number): string {
  const cluster = primaryOf(n);
  const isBehind = n % 10 === 7;
  const last = isBehind ? 1_000_000 : 1_000_000 + look * 37;
  const pieces =
    n % 100 === 0
      ? Array.from({ length: 10_000 }, (_, i) => `:${i * 10 + 1}-${i * 10 + 5}`).join('')
      : ':1-52345';
  return `${uuid(cluster)}:1-${last},\n${uuid(cluster, 1)}${pieces},\n${uuid(cluster, 2)}:1-77`;
}

/** New texts each time, as they come from a server. */
function serverRows(n: number): TableRows {
  const text = JSON.stringify([
    ['server_uuid', uuid(n)],
    ['server_id', `${n}`],
    ['hostname', `db-${n}.prod.example.com`],
    ['port', '3306'],
    ['report_host', ''],
    ['report_port', '3306'],
    ['read_only', isPrimary(n) ? 'OFF' : 'ON'],
    ['super_read_only', 'OFF'],
    ['gtid_mode', 'ON'],
    ['version', n % 50 === 3 ? '8.4.6' : '9.7.4'],
    ...Array.from({ length: 45 }, (_, i) => [
      `variable_number_${i}`,
      i === n % 997 ? 'different' : `value ${i * 1000}`,
    ]),
  ]);
  return { columns: ['Variable_name', 'Value'], rows: JSON.parse(text) };
}

const table = (rows: readonly Readonly<Record<string, string>>[]): TableRows => {
  const columns = Object.keys(rows[0] ?? {});
  return { columns, rows: rows.map((row) => columns.map((name) => row[name] ?? null)) };
};

const target = (n: number): Target =>
  ({
    name: `db-${n}`,
    enabled: true,
    address: { kind: 'tcp', host: `db-${n}.prod.example.com`, port: 3306 },
    groups: ['prod', `shard-${n % 20}`],
    labels: {},
    querySets: ['topology'],
  }) as unknown as Target;

const targets = Array.from({ length: TARGETS }, (_, n) => target(n));

function probe(fleet: Fleet, n: number, look: number): void {
  const of = targets[n]!;
  const now = look * SECONDS * 1000 + n;
  fleet.take(of, 'server', serverRows(n), now);
  fleet.take(of, 'gtids', table([{ executed: gtidsOf(n, look) }]), now);
  const source = primaryOf(n);
  const channel = {
    ...{ Channel_Name: '', Source_Host: `db-${source}.prod.example.com`, Source_Port: '3306' },
    ...{
      Source_UUID: uuid(source),
      Source_Server_Id: `${source}`,
      Replica_IO_Running: 'Yes',
      Replica_SQL_Running: 'Yes',
    },
  };
  fleet.take(of, 'channels', table(isPrimary(n) ? [] : [channel]), now);
  const replicas = [1, 2, 3, 4].map((i) => ({
    ...{ Server_Id: `${n + i}`, Host: '', Port: '3306', Source_Id: `${n}`, Replica_UUID: uuid(n + i) },
  }));
  fleet.take(of, 'replicas', table(isPrimary(n) ? replicas : []), now);
}

function answer(fleet: Fleet, now: number): Buffer {
  const samples = new Samples();
  exposeFleet(fleet.report(targets, now), samples);
  const registry = new ProbeRegistry();
  registry.add(samples);
  return plainBytes(registry.encode());
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { system, user } = process.cpuUsage(before);
  return (system + user) / 1000;
}

const before = heapNow();
const fleet = new Fleet();
const perProbe: number[] = [];
for (let look = 0; look < LOOKS; look++)
  perProbe.push(
    cpuMs(() => {
      for (let n = 0; n < TARGETS; n++) probe(fleet, n, look);
    }) / TARGETS,
  );
const kept = heapNow() - before;
const end = LOOKS * SECONDS * 1000;
const size = answer(fleet, end).length;
const answers = Array.from({ length: ROUNDS }, () => cpuMs(() => answer(fleet, end)));
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

process.stdout.write(`targets                              ${TARGETS}, Node ${process.versions.node}
memory that is kept                  ${(kept / 2 ** 20).toFixed(1)} MiB
CPU of the results of one probe      ${(median(perProbe) * 1000).toFixed(0)} us, making them up included
CPU of an answer, the first          ${answers[0]?.toFixed(0)} ms
CPU of an answer, median             ${median(answers).toFixed(0)} ms
size of an answer                    ${(size / 1024).toFixed(0)} KB
`);
