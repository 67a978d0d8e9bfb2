/**
 * `npm run parity`: compares us with mysqld_exporter on real servers.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTermination } from '../../harness/children.ts';
import { type CollectorResult, type Measured, measure } from './measure.ts';
import { HELP, type Options, readOptions, UsageError } from './options.ts';
import { isAtParity, renderDetails, renderTables } from './report.ts';
import type { ServerName } from './servers.ts';
import { ACCOUNT, startWorld, type World } from './world.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);

let world: World | undefined;
let stopping = false;

async function parity(options: Options): Promise<number> {
  world = await startWorld(options);
  if (options.serve) return await serve(world);
  const results: CollectorResult[] = [];
  for (const server of world.servers) {
    const measured = await measure(world, server, options.collectors, options.rounds);
    results.push(...measured.results);
    if (options.save !== undefined) await save(options.save, server.name, measured);
  }
  say(`mysqld_exporter ${world.version}\n`);
  say(renderTables(results));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 1)}\n`);
  const differing = results.filter((result) => !isAtParity(result));
  const different = differing.length;
  // What counts is always shown: it may not come a second time.
  if (options.details || different > 0) say(renderDetails(options.details ? results : differing));
  say(different === 0 ? 'At parity.' : `${different} of ${results.length} comparisons differ.`);
  return different === 0 ? 0 : 1;
}

async function save(folder: string, server: ServerName, measured: Measured): Promise<void> {
  await mkdir(join(folder, server), { recursive: true });
  await writeFile(join(folder, `${server}.prom`), measured.upstreamText);
  await writeFile(join(folder, `${server}.ours.prom`), measured.oursText);
  for (const [collector, text] of measured.upstreamTexts) {
    await writeFile(join(folder, server, `${collector}.prom`), text);
  }
}

/** Until Ctrl-C, or until a part of it ends. */
async function serve({ servers, upstream, ours }: World): Promise<number> {
  for (const { name, server } of servers) {
    say(`${name.padEnd(16)} 127.0.0.1:${server.port}  ${server.socketPath}  ${server.version}`);
    say(`  theirs  ${upstream.url}/probe?target=127.0.0.1:${server.port}`);
    say(`  ours    ${ours.url}/probe?target=${name}&collect[]=global_status`);
  }
  say(
    `\nroot has no password; ${ACCOUNT.user} has the password ${ACCOUNT.password}; Ctrl-C ends everything.`,
  );
  const ends = [
    upstream.child.untilExit(),
    ours.child.untilExit(),
    ...servers.map(({ server }) => server.untilExit()),
  ];
  const how = await Promise.race(ends);
  if (stopping) return await new Promise(() => {}); // onTermination ends the process
  throw new Error(`a part of it ended: ${how}; logs: ${upstream.log}, ${ours.log}`);
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  onTermination(async () => {
    stopping = true;
    await world?.stop();
    return options.serve ? 0 : 130;
  });
  return await parity(options);
}

try {
  const status = await main();
  await world?.stop();
  process.exit(status);
} catch (cause) {
  const isUsage = cause instanceof UsageError;
  // When we are being stopped everything fails.
  if (!stopping) {
    const message = cause instanceof Error ? cause.message : String(cause);
    process.stderr.write(isUsage ? `${message}\n\n${HELP}` : `parity: ${message}\n`);
    await world?.stop();
    process.exit(isUsage ? 2 : 1);
  }
}
