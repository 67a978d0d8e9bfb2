/**
 * mysqld_exporter as one of those who are compared: it probes the same server under as many names as ours.
 */
import { refuseUpstream } from '../answers.ts';
import type { Bench } from '../experiment.ts';
import { type Contender, exporterContender } from '../phases.ts';
import { addressOf } from '../server.ts';
import { startUpstream } from './upstream.ts';

export const UPSTREAM = 'mysqld_exporter';

export interface ComparedUpstream {
  readonly version: string;
  readonly contender: Contender;
  readonly stop: () => Promise<void>;
}

/** Starts it; whoever did stops it. */
export async function startComparedUpstream({ folder, options, server }: Bench): Promise<ComparedUpstream> {
  const { concurrency, gzip, sets, targets } = options;
  const upstream = await startUpstream(folder, sets);
  const load = {
    url: `${upstream.url}/probe?target=`,
    targets: Array.from({ length: targets }, (_, i) => `${addressOf(i)}:${server.port}`),
    gzip,
    refuse: refuseUpstream(sets.length),
  };
  return {
    version: upstream.version,
    contender: exporterContender(UPSTREAM, upstream.child.pid, load, concurrency, targets),
    stop: upstream.stop,
  };
}
