/**
 * `npm run harm`: what does an application lose while its server is probed, by us and by mysqld_exporter?
 *
 * Ratios of phases that are some seconds apart are the claim. See docs/performance.md.
 */
import { writeFile } from 'node:fs/promises';
import type { DatabaseServer, Flavour } from '../../harness/server-process.ts';
import { loadShippedSets } from '../../src/config/load.ts';
import { DEFAULT_QUERY_SETS } from '../../src/config/targets-file/precedence.ts';
import { grantsOfSet, uniqueGrants } from '../../src/grants/needed.ts';
import { grantStatements } from '../../src/grants/statements.ts';
import type { QuerySetDefinition } from '../../src/model/query-set.ts';
import { probeAll } from '../load.ts';
import { buildExporter, type Run, runProgram } from '../run.ts';
import { ACCOUNT, startDatabase } from '../server.ts';
import { startApplication } from './application-process.ts';
import { orderOf, type Side, type Turn } from './lines.ts';
import { type HarmOptions, HELP, readHarmOptions } from './options.ts';
import { measurePhase } from './phase.ts';
import { startProbing } from './probing.ts';
import { type Harm, harmReport, renderHarm, renderHarmMarkdown } from './report.ts';
import { DATABASE } from './tables.ts';

const APPLICATION = { user: 'harm', password: 'harm' } as const;

/** Besides those of the application: exporters, root. */
const OTHER_CONNECTIONS = 50;

/** Redo logs of the lab's servers are so small that writing stops for them now and then. */
const SERVER_ARGS = {
  mysql: ['--innodb-redo-log-capacity=128M'],
  mariadb: ['--innodb-log-file-size=128M'],
} as const satisfies Record<Flavour, readonly string[]>;

const WARM_UP_MS = 3_000;
const WARM_UP_PROBES = 20;

async function setsOf({ sets }: HarmOptions): Promise<readonly QuerySetDefinition[]> {
  const shipped = [...(await loadShippedSets()).values()];
  return sets === 'default'
    ? shipped.filter(({ name }) => DEFAULT_QUERY_SETS.includes(name))
    : shipped.filter(({ cost }) => cost !== 'heavy');
}

/** What the sets need for the whole server; what is in single schemas that are not there nobody asks. */
async function grantNeeded(server: DatabaseServer, sets: readonly QuerySetDefinition[]): Promise<void> {
  const needed = uniqueGrants(sets.flatMap((set) => grantsOfSet(set, server.flavour)));
  const global = needed.filter(({ schema }) => schema === '*');
  for (const statement of grantStatements(global, `'${ACCOUNT.user}'@'%'`)) await server.query(statement);
}

async function harmOn(flavour: Flavour, options: HarmOptions, { atEnd, folder, say }: Run): Promise<Harm> {
  say(`starting ${flavour}`);
  const connections = options.connections + OTHER_CONNECTIONS;
  const server = await startDatabase(flavour, connections, SERVER_ARGS[flavour]);
  atEnd(() => server.stop());
  const { password, user } = APPLICATION;
  await server.query(`CREATE DATABASE ${DATABASE}; CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`);
  await server.query(`GRANT ALL ON ${DATABASE}.* TO '${user}'@'%'`);
  const application = await startApplication({
    ...{ port: server.port, account: APPLICATION, database: DATABASE, connections: options.connections },
  });
  const site = { options: { gzip: true, tls: false }, server, folder };
  const definitions = await setsOf(options);
  await grantNeeded(server, definitions);
  const sets = definitions.map(({ name }) => name);
  const { collectors, probing, queries, stop, upstreamVersion } = await startProbing(site, sets);
  const run = { application, server, options };
  say('warming up');
  // A program that has just begun takes more time for the same probe.
  for (const probes of Object.values(probing)) await probeAll(probes, 1, { ms: 0, probes: WARM_UP_PROBES });
  await measurePhase({ ...run, options: { ...options, seconds: WARM_UP_MS / 1000 } }, undefined, 0);
  const turns: Turn[] = [];
  for (let turn = 0; turn < options.turns; turn++) {
    say(`turn ${turn + 1} of ${options.turns}`);
    const phases: Partial<Record<Side, Turn[Side]>> = {};
    for (const side of orderOf(turn)) {
      const probes = side === 'without' ? undefined : probing[side];
      phases[side] = await measurePhase(run, probes, turn + 1);
    }
    turns.push(phases as Turn); // orderOf has each side once
  }
  application.stop();
  await stop();
  await server.stop();
  return { flavour, version: server.version, upstreamVersion, sets, collectors, queries, turns };
}

async function measure(options: HarmOptions, run: Run): Promise<string> {
  await buildExporter(run);
  const harms: Harm[] = [];
  for (const flavour of options.servers) harms.push(await harmOn(flavour, options, run));
  const report = harmReport(options, harms);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 1)}\n`);
  return options.markdown ? renderHarmMarkdown(report) : renderHarm(report);
}

await runProgram({ name: 'harm', help: HELP, read: readHarmOptions, measure });
