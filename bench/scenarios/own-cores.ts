/**
 * A probe of our exporter beside one of mysqld_exporter, the exporters on a core of their own.
 *
 * Nothing else runs there, so neither pays for a cache that others have filled. The server and the generator have the
 * other cores.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, startOurs, statementsOf } from '../exporter.ts';
import { startComparedUpstream, UPSTREAM } from '../peers/compared-upstream.ts';
import { exporterContender, ratio, takeTurns, turnsTable } from '../phases.ts';

const OURS = 'exporter';

export const ownCores: Experiment = {
  name: 'own cores',
  lines: ['cores'],
  connections: ({ concurrency, targets }) => targets * CONNECTIONS_PER_TARGET + concurrency * 10,
  run,
};

/** A list as `taskset` takes it. */
const EXPORTERS = '0';

async function pin(pid: number, cores: string): Promise<void> {
  await promisify(execFile)('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)]);
}

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, sets, targets } = bench.options;
  const cores = availableParallelism();
  if (cores < 2) throw new Error('the line cores needs two cores; --only other lines');
  const ours = await startOurs(bench, { targets, sets });
  const load = loadOf(ours, bench.options, (await statementsOf(bench, ours)).length);
  const upstream = await startComparedUpstream(bench);
  const contenders = [exporterContender(OURS, ours.child.pid, load, concurrency), upstream.contender];
  const others = [bench.server.pid, process.pid];
  for (const { pid } of contenders) await pin(pid, EXPORTERS);
  for (const pid of others) await pin(pid, `1-${cores - 1}`);
  const turns = await takeTurns(bench, contenders);
  for (const pid of others) await pin(pid, `0-${cores - 1}`);
  await upstream.stop();
  await ours.stop();
  const title = `${targets} targets, ${concurrency} at once, the exporters on a core of their own`;
  return {
    figures: { cores: ratio(turns, 'cpuMs', [OURS, UPSTREAM]) },
    tables: [turnsTable(title, turns, contenders)],
    details: { turns },
  };
}
