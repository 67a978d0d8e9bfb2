/**
 * `npm run lab`: a primary, a replica, a MySQL, the exporter and Prometheus on this machine, until Ctrl-C.
 *
 * Without Docker. Software that is missing is fetched (programs.ts); the data is thrown away at the end.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../harness/cache.ts';
import { onTermination } from '../harness/children.ts';
import { isUp, probeTarget, table } from './check.ts';
import { type Stack, startStack } from './stack.ts';

const HELP = `Usage: npm run lab [-- OPTIONS]

Starts on 127.0.0.1: a MariaDB primary and its replica, MySQL, the exporter and Prometheus. Ctrl-C ends them.

  --check           probe each target once, print a table, end; status 0 if all have mysql_up 1
  --no-prometheus   without Prometheus
  --clean           remove what was fetched and made for it, ${cacheFolder()}, and end
  --help            this text

Programs are taken from TEST_MARIADBD, TEST_MYSQLD and TEST_PROMETHEUS (paths), from PATH, from the cache, or
fetched from Debian's packages. Where there is no MySQL or no Prometheus the lab goes on without it.
`;

const say = (text: string) => void process.stdout.write(`${text}\n`);

interface Options {
  readonly check: boolean;
  readonly 'no-prometheus': boolean;
  readonly clean: boolean;
  readonly help: boolean;
}

function readOptions(): Options {
  const off = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { check: off, 'no-prometheus': off, clean: off, help: off } }).values;
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

async function check({ targets, exporter }: Stack): Promise<number> {
  const rows = await Promise.all(targets.map((target) => probeTarget(exporter.url, target)));
  say(`\n${table(rows)}`);
  return rows.every(isUp) ? 0 : 1;
}

function invite({ exporter, prometheus, targets }: Stack): void {
  say(`
Try:
  curl '${exporter.url}/probe?target=mariadb-primary'
  curl '${exporter.url}/probe?target=${targets.at(-1)}&query_set=table_sizes'
  curl '${exporter.url}/metrics'

The exporter's page:  ${exporter.url}/`);
  if (prometheus !== undefined) say(`Prometheus:           ${prometheus.url}/`);
  say('\nCtrl-C ends everything.');
}

async function lab(options: Options): Promise<number> {
  // Before the stack is up there is nothing that needs an order: our end kills what runs.
  let stop = async () => {};
  let stopping = false;
  onTermination(async () => {
    stopping = true;
    say('\nStopping.');
    await stop();
    return 0;
  });
  say('Starting the lab. What is missing on this machine is fetched once, some 150 MB.');
  const stack = await startStack(say, !options['no-prometheus'] && !options.check);
  stop = stack.stop;
  if (options.check) {
    const status = await check(stack);
    await stack.stop();
    return status;
  }
  invite(stack);
  const message = await stack.broken;
  if (stopping) return await new Promise(() => {}); // onTermination ends the process
  throw new Error(message);
}

const options = readOptions();
if (options.help) {
  say(HELP.trimEnd());
  process.exit(0);
}
if (options.clean) {
  await rm(cacheFolder(), { recursive: true, force: true });
  say(`Removed ${cacheFolder()}.`);
  process.exit(0);
}
try {
  process.exit(await lab(options));
} catch (cause) {
  process.stderr.write(`The lab has failed.\n${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
