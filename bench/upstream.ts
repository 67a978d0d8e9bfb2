/**
 * mysqld_exporter beside ours, probing the same server under as many names.
 */
import { stopChild } from '../harness/children.ts';
import { freePort } from '../harness/free-port.ts';
import { startMysqldExporter } from '../harness/mysqld-exporter.ts';
import { findMysqldExporter } from '../harness/programs.ts';
import { DEFAULT_QUERY_SETS } from '../src/config/targets-file/precedence.ts';
import { refuseUpstream } from './answers.ts';
import type { Bench } from './experiment.ts';
import { type Contender, exporterContender } from './phases.ts';
import { ACCOUNT, addressOf } from './server.ts';

export const UPSTREAM = 'mysqld_exporter';

export interface Upstream {
  readonly version: string;
  readonly contender: Contender;
  readonly stop: () => Promise<void>;
}

/** With the collectors that are our sets, and no other. */
export async function startUpstream({ folder, options, server }: Bench): Promise<Upstream> {
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
    targets: Array.from({ length: options.targets }, (_, i) => `${addressOf(i)}:${server.port}`),
    gzip: options.gzip,
    refuse: refuseUpstream(sets.length),
  };
  return {
    version: program.version,
    contender: exporterContender(UPSTREAM, service.child.pid, load, options.concurrency),
    stop: () => stopChild(service.child),
  };
}
