/**
 * A probe of our exporter beside one of mysqld_exporter, and beside mysql2 alone asking the same statements.
 */
import { stopChild } from '../../harness/children.ts';
import { freePort } from '../../harness/free-port.ts';
import { startMysqldExporter } from '../../harness/mysqld-exporter.ts';
import { findMysqldExporter } from '../../harness/programs.ts';
import { DEFAULT_QUERY_SETS } from '../../src/config/targets-file/precedence.ts';
import { refuseUpstream } from '../answers.ts';
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, startOurs, statementsOf } from '../exporter.ts';
import { startFloor } from '../floor-process.ts';
import type { LineId } from '../lines.ts';
import type { Options } from '../options.ts';
import {
  type Contender,
  exporterContender,
  floorContender,
  ratio,
  takeTurns,
  turnsTable,
} from '../phases.ts';
import { ACCOUNT, addressOf } from '../server.ts';

const OURS = 'exporter';
const UPSTREAM = 'mysqld_exporter';
const FLOOR = 'mysql2 alone';

const OF_UPSTREAM: readonly LineId[] = ['cpu', 'server', 'p50', 'p99'];
const OF_FLOOR: readonly LineId[] = ['floor', 'bare'];

export const comparison: Experiment = {
  name: 'comparison',
  lines: [...OF_UPSTREAM, ...OF_FLOOR],
  connections: ({ concurrency, targets }) => targets * (CONNECTIONS_PER_TARGET + 1) + concurrency * 10,
  run,
};

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, lines, sets, targets } = bench.options;
  const wants = (some: readonly LineId[]) => some.some((line) => lines.includes(line));
  const ours = await startOurs(bench, { targets, sets });
  const statements = await statementsOf(bench, ours);
  const load = loadOf(ours, bench.options, statements.length);
  const upstream = wants(OF_UPSTREAM) ? await startUpstream(bench) : undefined;
  const floor = wants(OF_FLOOR) ? await startKept(bench, statements) : undefined;
  const contenders: readonly Contender[] = [
    exporterContender(OURS, ours.child.pid, load, concurrency),
    ...(upstream === undefined ? [] : [upstream.contender]),
    ...(floor === undefined ? [] : [floorContender(FLOOR, floor, targets)]),
  ];
  const turns = await takeTurns(bench, contenders);
  floor?.stop();
  await upstream?.stop();
  await ours.stop();
  const version = upstream === undefined ? '' : `; mysqld_exporter ${upstream.version}`;
  const title = `${targets} targets, ${concurrency} at once, ${statements.length} statements a probe${version}`;
  return {
    figures: {
      ...(upstream && {
        cpu: ratio(turns, 'cpuMs', [OURS, UPSTREAM]),
        server: ratio(turns, 'serverCpuMs', [OURS, UPSTREAM]),
        p50: ratio(turns, 'p50Ms', [OURS, UPSTREAM]),
        p99: ratio(turns, 'p99Ms', [OURS, UPSTREAM]),
      }),
      ...(floor && {
        floor: ratio(turns, 'cpuMs', [OURS, FLOOR]),
        bare: ratio(turns, 'serverCpuMs', [OURS, FLOOR]),
      }),
    },
    tables: [turnsTable(title, turns, contenders)],
    details: { statements, turns },
  };
}

const hostsOf = ({ targets }: Options) => Array.from({ length: targets }, (_, i) => addressOf(i));

const startKept = ({ options, server }: Bench, statements: readonly string[]) =>
  startFloor({
    hosts: hostsOf(options),
    port: server.port,
    account: ACCOUNT,
    tls: options.tls,
    statements,
    concurrency: options.concurrency,
    connections: 'kept',
  });

/** With the collectors that are our sets, and no other. */
async function startUpstream({ folder, options, server }: Bench) {
  const program = await findMysqldExporter();
  const { sets } = options;
  const flags = [
    ...sets.map((name) => `--collect.${name}`),
    ...DEFAULT_QUERY_SETS.filter((name) => !sets.includes(name)).map((name) => `--no-collect.${name}`),
  ];
  const port = await freePort();
  const service = await startMysqldExporter(program, folder, { ...ACCOUNT, port, flags }).catch(
    (cause: unknown) => {
      const advice = 'sets without a collector of the same name: --peers none';
      throw new Error(`mysqld_exporter: ${cause instanceof Error ? cause.message : cause} (${advice})`);
    },
  );
  const load = {
    url: `${service.url}/probe?target=`,
    targets: hostsOf(options).map((host) => `${host}:${server.port}`),
    gzip: options.gzip,
    refuse: refuseUpstream(sets.length),
  };
  return {
    version: program.version,
    contender: exporterContender(UPSTREAM, service.child.pid, load, options.concurrency),
    stop: () => stopChild(service.child),
  };
}
