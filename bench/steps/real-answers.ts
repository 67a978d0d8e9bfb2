/**
 * Answers of one real server, made in this process: what the benchmarks of single steps work on.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from '../../harness/children.ts';
import { startMysql } from '../../harness/mysql.ts';
import { loadSamples } from '../../harness/samples.ts';
import { assemble } from '../../src/commands/program.ts';
import { readConfig } from '../../src/commands/read-config.ts';
import { Deadline } from '../../src/deadline.ts';
import type { ProbeAnswer } from '../../src/probe/prober.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { ACCOUNT } from '../server.ts';

/** Different values in each, as in different scrapes. */
const COUNT = 8;
/** Probes before those: what is remembered of a result is there then, as in an exporter that runs. */
const WARM_UP = 4;

export interface RealAnswers {
  /** The server and Node.js, for the heading. */
  readonly about: string;
  readonly answers: readonly ProbeAnswer[];
}

/** Starts MySQL, probes it for the query sets that are on by default, and stops it. */
export async function realAnswers(): Promise<RealAnswers> {
  const folder = temporaryFolder('bench-step');
  const server = await startMysql();
  await loadSamples((sql) => server.query(sql), { except: ['03-writer.sql', '04-fleet.sql'] });
  const file = join(folder, 'targets.yml');
  const target = {
    address: `127.0.0.1:${server.port}`,
    ...ACCOUNT,
    tls: { mode: 'disabled' },
    allow_public_key_retrieval: true,
  };
  await writeFile(file, JSON.stringify({ targets: { mysql: target } })); // JSON is YAML
  const config = await readConfig({ files: file, logFormat: 'logfmt' });
  if (config === undefined) throw new Error('the configuration of the benchmark has errors');
  const log = createLogger({ level: 'error', format: 'logfmt' });
  const { current, pools, prober } = assemble(config, log, 1024);
  const { catalog } = current();
  const plan = catalog.plan(catalog.targets.get('mysql')!);
  const answers: ProbeAnswer[] = [];
  for (let n = 0; n < WARM_UP + COUNT; n++) {
    using until = Deadline.after(10_000);
    const answer = await prober.probe(plan, until);
    const failed = [...answer.snapshot.outcomes.values()].find(({ ok }) => !ok);
    if (failed !== undefined) throw new Error(`a query failed: ${JSON.stringify(failed)}`);
    if (n >= WARM_UP) answers.push(answer);
  }
  await pools.close();
  await server.stop();
  removeFolder(folder);
  return { about: `MySQL ${server.version}, Node.js ${process.version}`, answers };
}
