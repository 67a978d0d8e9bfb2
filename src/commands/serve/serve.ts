/**
 * `serve`: answers probes over HTTP until it is told to stop.
 */

import type { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';

import { createServer } from '../../http/server.ts';
import type { Config } from '../../model/config.ts';
import { VERSION } from '../../package.ts';
import { LogOutput } from '../../telemetry/log-output.ts';
import { createLogger, type Logger } from '../../telemetry/logger.ts';
import { onHangup } from '../hangup.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from '../options/config-options.ts';
import { duration, seconds, wholeNumber, wholeNumberOrNone } from '../options/values.ts';
import { assemble, type Limits } from '../program.ts';
import { type ConfigOptions, readConfigAtStart } from '../read-config.ts';
import { unknownCommand } from '../unknown-name.ts';
import { tuneForStart } from './engine.ts';
import { listen } from './listen.ts';
import { type ListenAddress, listenAddress } from './listen-address.ts';
import { openFilesLimit, shareFiles } from './open-files.ts';

import { Reloader } from './reload.ts';
import { leave, nextSignal, stop } from './stop.ts';
import { addWebOptions, readWeb, type WebFlags, type WebOptions, warnOfOpenPort, webOptions } from './web.ts';

interface ServeFlags extends ConfigFlags, WebFlags {
  readonly bind: ListenAddress | undefined;
  readonly address: ListenAddress | undefined;
  readonly 'web.maxRequests': number;
  readonly 'web.maxResponseBytes': number;
  readonly 'web.history': number;
  readonly maxConnections: number;
  readonly maxResultBytes: number;
  readonly timeoutOffset: number;
  readonly 'web.enableReload': boolean;
  readonly 'config.autoReloadInterval': number;
}

interface ServeOptions extends ConfigOptions, WebOptions, Omit<Limits, 'maxClients' | 'maxUnreadBytes'> {
  readonly timeoutOffsetMs: number;
  /** Whether HTTP may ask for a reload. */
  readonly enableReload: boolean;
  /** 0 for never. */
  readonly autoReloadMs: number;
}

/** Adds the command, which is also what the program does when no command is named. */
export function addServe(program: Command): void {
  addServeOptions(addConfigOptions(program.command('serve', { isDefault: true })))
    .description('answer probes over HTTP (the default command)')
    // A word that is no command is an argument of this one.
    .allowExcessArguments()
    .action(async (flags: ServeFlags, command: Command) => {
      const [excess] = command.args;
      if (excess !== undefined) command.error(`error: ${unknownCommand(excess, program.args[0])}`);
      await leave(await serve(serveOptions(command, flags)));
    });
}

function addServeOptions(command: Command): Command {
  return addWebOptions(command)
    .option('--web.max-requests <n>', 'most probes at once; more are answered with 503', wholeNumber, 512)
    .option(
      '--web.max-response-bytes <n>',
      'most bytes of one answer, uncompressed; what is above is left out, the largest query first',
      wholeNumber,
      64 << 20,
    )
    .option(
      '--web.history <n>',
      'probes of each target, and failures, that the status pages remember; 0 for none',
      wholeNumberOrNone,
      20,
    )
    .option('--max-connections <n>', 'most connections to all targets together', wholeNumber, 10_000)
    .option(
      '--max-result-bytes <n>',
      'most bytes of results that arrive at the same time from all targets; one of up to 1 MiB is always taken',
      wholeNumber,
      64 << 20,
    )
    .option(
      '--config.auto-reload-interval <duration>',
      'how often to look whether a file of the configuration has changed; 0 for never',
      duration,
      0,
    )
    .option('--no-web.enable-reload', 'no reload by POST or PUT /-/reload; SIGHUP always does it')
    .option('--timeout-offset <seconds>', "kept back of the scraper's own timeout", seconds, 0.25)
    .option('--bind <address>', 'as --web.listen-address, for query-exporter-simple', listenAddress)
    .option('--address <address>', 'as --web.listen-address, for query-exporter', listenAddress)
    .option('--threads <n>', 'of query-exporter; has no effect, all instances run side by side', wholeNumber);
}

function serveOptions(command: Command, flags: ServeFlags): ServeOptions {
  return {
    ...configOptions(command, flags),
    ...webOptions(command, flags, flags.bind ?? flags.address),
    maxRequests: flags['web.maxRequests'],
    maxResponseBytes: flags['web.maxResponseBytes'],
    historySize: flags['web.history'],
    maxConnections: flags.maxConnections,
    maxResultBytes: flags.maxResultBytes,
    timeoutOffsetMs: flags.timeoutOffset * 1000,
    enableReload: flags['web.enableReload'],
    autoReloadMs: flags['config.autoReloadInterval'],
  };
}

/** Runs until SIGTERM or SIGINT; returns the exit code. */
async function serve(options: ServeOptions): Promise<number> {
  const tuneForWork = tuneForStart();
  const loaded = await readConfigAtStart(options);
  if (loaded === undefined) return 1;
  const { config } = loaded;
  const output = new LogOutput(process.stderr);
  const log = createLogger({ level: options.logLevel, format: options.logFormat, write: output.write });
  const { externalUrl, healthWithoutLogin, logFormat, timeoutOffsetMs } = options;
  const guarded = await readWeb(options.webFile, logFormat, log);
  if (!guarded.ok) return 1;
  const { web } = guarded;
  const limits = limitsOf(options, config, log);
  const program = assemble(config, log, options.maxQueries, limits);
  output.onLost((lines) => program.metrics.logLinesLost(lines));
  let ready = true;
  const { autoReloadMs, enableReload } = options;
  const reloader = new Reloader({
    ...program,
    current: () => program.current().config,
    load: () => loadConfig(options.files, process.env),
    reloadWeb: async () => (await web?.reload()) ?? [],
    inputs: loaded.inputs,
    log,
  });
  const app = createServer({
    ...program,
    ...limits,
    ...{ externalUrl, healthWithoutLogin, timeoutOffsetMs, web },
    version: VERSION,
    log,
    reload: enableReload ? () => reloader.reload('http') : undefined,
    isReady: () => ready,
  });
  await app.ready();
  const listening = await listen(app, options.places, logFormat);
  if (listening === undefined) return 1;
  tuneForWork();
  for (const place of listening.places)
    log.info('listening', { ...place, targets: config.targets.size, version: VERSION });
  warnOfOpenPort(listening, web, log);
  onHangup(() => void reloader.reload('SIGHUP'));
  if (autoReloadMs > 0) void reloader.watch(autoReloadMs);
  const signal = await nextSignal();
  log.info('stopping', { signal });
  ready = false;
  reloader.end();
  await stop({ app, listening }, program, log);
  return 0;
}

/** Enough for any number of honest readers, which take their answers within milliseconds. */
const MAX_UNREAD_BYTES = 128 << 20;

/** Above the limit of open files neither targets nor clients could be reached. */
function limitsOf(options: ServeOptions, { targets }: Config, log: Logger): Limits {
  const { historySize, maxConnections, maxRequests, maxResponseBytes, maxResultBytes } = options;
  const files = openFilesLimit();
  const { clients, connections } = shareFiles(files, maxConnections, maxRequests);
  const wanted = [...targets.values()].reduce((sum, target) => sum + target.maxConnections, 0);
  if (connections < Math.min(wanted, maxConnections))
    log.warn('too few open files for all connections', {
      open_files: files,
      wanted,
      max_connections: connections,
    });
  return {
    historySize,
    maxRequests,
    maxResponseBytes,
    maxResultBytes,
    maxConnections: connections,
    maxClients: clients,
    maxUnreadBytes: Math.max(MAX_UNREAD_BYTES, 2 * maxResponseBytes),
  };
}
