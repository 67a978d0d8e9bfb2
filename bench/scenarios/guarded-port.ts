/**
 * What TLS and a login of the port cost: a probe behind a web file beside the same one without.
 *
 * Over kept connections, as Prometheus scrapes; the certificate is the one that MySQL has made for itself.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, type Ours, startOurs } from '../exporter.ts';
import { exporterContender, ratio, takeTurns, turnsTable } from '../phases.ts';

const OPEN = 'open';
const GUARDED = 'TLS and login';
const USER = 'prometheus';
const PASSWORD = 'of the benchmark';
/** htpasswd makes such ones. */
const COST = 10;

export const guardedPort: Experiment = {
  name: 'guarded port',
  lines: ['guarded', 'guarded_p50'],
  connections: ({ targets }) => targets * CONNECTIONS_PER_TARGET * 2 + 50,
  run,
};

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, sets, targets } = bench.options;
  if (bench.options.server !== 'mysql')
    return { figures: {}, tables: [], details: 'only with --server mysql' };
  const wanted = { targets, sets };
  const open = await startOurs(bench, wanted);
  const guarded = await startOurs(bench, { ...wanted, webFile: await writeWebFile(bench) });
  const login = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  const contender = (name: string, ours: Ours) =>
    exporterContender(name, ours.child.pid, { ...loadOf(ours, bench.options, 1), login }, concurrency);
  const contenders = [contender(GUARDED, guarded), contender(OPEN, open)];
  const turns = await takeTurns(bench, contenders);
  await open.stop();
  await guarded.stop();
  return {
    figures: {
      guarded: ratio(turns, 'cpuMs', [GUARDED, OPEN]),
      guarded_p50: ratio(turns, 'p50Ms', [GUARDED, OPEN]),
    },
    tables: [turnsTable(`${targets} targets, ${concurrency} at once, default sets`, turns, contenders)],
    details: { turns },
  };
}

async function writeWebFile({ folder, server }: Bench): Promise<string> {
  const file = join(folder, 'web.yml');
  const web = {
    tls_server_config: {
      cert_file: join(server.datadir, 'server-cert.pem'),
      key_file: join(server.datadir, 'server-key.pem'),
    },
    basic_auth_users: { [USER]: await hash(PASSWORD, COST) },
  };
  await writeFile(file, JSON.stringify(web)); // JSON is YAML
  return file;
}
