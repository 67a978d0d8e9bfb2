#!/usr/bin/env node
/**
 * The entry: reads the arguments and calls one command. Exit codes: 0 good, 1 failed, 2 usage.
 */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { check } from './commands/check.ts';
import { type ConfigFlags, configFiles } from './commands/config-files.ts';
import { CONVERTIBLE, convert } from './commands/convert.ts';
import { FLAVOURS, type Flavour, grants } from './commands/grants.ts';
import { type ListenAddress, parseListenAddress } from './commands/listen-address.ts';
import { logLevelOf } from './commands/log-level.ts';
import { probe } from './commands/probe.ts';
import { KINDS, schema } from './commands/schema.ts';
import { serve } from './commands/serve.ts';
import { unknownCommand } from './commands/unknown-name.ts';
import { type Account, parseAccount } from './grants/account.ts';
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from './telemetry/logger.ts';
import { VERSION } from './version.ts';

/** Options as commander names them: by their flag, since a dot is no dash. */
interface CommonFlags extends ConfigFlags {
  readonly maxQueries: number;
  readonly 'log.level': LogLevel | undefined;
  readonly 'log.format': LogFormat;
}

interface ServeFlags extends CommonFlags {
  readonly 'web.listenAddress': ListenAddress;
  readonly bind: ListenAddress | undefined;
  readonly address: ListenAddress | undefined;
  readonly 'web.maxRequests': number;
  readonly 'web.maxResponseBytes': number;
  readonly maxConnections: number;
  readonly timeoutOffset: number;
}

const OTHER_CONFIGS = ['config.file', 'configDatabase', 'configMetrics'];
const OWN_CONFIGS = ['config.file', 'config', 'configDatabase', 'configMetrics'] as const;

interface ProbeFlags extends CommonFlags {
  readonly querySet: readonly string[];
  readonly query: string | undefined;
}

interface CheckFlags extends CommonFlags {
  readonly target: string | undefined;
  readonly format: 'text' | 'json';
}

interface GrantsFlags extends CommonFlags {
  readonly flavour: Flavour | undefined;
  readonly user: Account | undefined;
}

const program = new Command('mysql-query-exporter')
  .description('Prometheus exporter for MySQL and MariaDB: one process watches hundreds of servers.')
  .version(VERSION)
  .showHelpAfterError('(--help tells what there is)')
  // 1 is for what failed; a wrong call is 2, as in Prometheus' own programs.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

withCommonOptions(program.command('serve', { isDefault: true }))
  .description('answer probes over HTTP (the default command)')
  .option(
    '--web.listen-address <address>',
    'where to listen: :9104, 127.0.0.1:9104, [::1]:9104',
    listenAddress,
    {
      host: '',
      port: 9104,
    },
  )
  .option('--web.max-requests <n>', 'most probes at once; more are answered with 503', wholeNumber, 512)
  .option(
    '--web.max-response-bytes <n>',
    'most bytes of one answer, uncompressed; what is above is left out, the largest query first',
    wholeNumber,
    64 << 20,
  )
  .option('--max-connections <n>', 'most connections to all targets together', wholeNumber, 10_000)
  .option('--timeout-offset <seconds>', "kept back of the scraper's own timeout", seconds, 0.25)
  .option('--bind <address>', 'as --web.listen-address, for query-exporter-simple', listenAddress)
  .option('--address <address>', 'as --web.listen-address, for query-exporter', listenAddress)
  .option('--threads <n>', 'of query-exporter; has no effect, all instances run side by side', wholeNumber)
  // What is no command is an argument of this one.
  .allowExcessArguments()
  .action(async (flags: ServeFlags, { args: [excess] }: Command) => {
    if (excess !== undefined) return refuse(unknownCommand(excess, program.args[0], commandNames()));
    const code = await serve({
      ...common(flags),
      listen: flags.bind ?? flags.address ?? flags['web.listenAddress'],
      maxRequests: flags['web.maxRequests'],
      maxResponseBytes: flags['web.maxResponseBytes'],
      maxConnections: flags.maxConnections,
      timeoutOffsetMs: flags.timeoutOffset * 1000,
    });
    process.exit(code);
  });

withCommonOptions(program.command('probe'))
  .description('probe one target once and print what Prometheus would get')
  .argument('<name>', 'name of the target')
  .option('--query-set <name>', 'exactly this query set; may be repeated', collect, [])
  .addOption(new Option('--query <set/query>', 'only this query: its rows and samples').conflicts('querySet'))
  .action(async (name: string, flags: ProbeFlags) => {
    const { querySet: querySets, query } = flags;
    process.exitCode = await probe(name, { ...common(flags), querySets, query });
  });

withCommonOptions(program.command('check'))
  .description('check the configuration: all errors and warnings')
  .argument('[file]', 'the targets, instead of --config.file; or a query file alone')
  .addOption(new Option('--target <name>', 'also run the queries of this target once').conflicts('format'))
  .addOption(
    new Option('--format <format>', 'form of the findings').choices(['text', 'json']).default('text'),
  )
  .action(async (file: string | undefined, flags: CheckFlags) => {
    const { target, format, 'config.file': named } = flags;
    if (file !== undefined && named !== undefined)
      return refuse(`both ${file} and ${named}: check one of them`);
    const options = common({ ...flags, 'config.file': file ?? named });
    process.exitCode = await check({ ...options, target, format });
  });

withCommonOptions(program.command('grants'))
  .description('print the privileges that query sets need, as GRANT statements')
  .argument('[set...]', 'query sets; without any, those that the targets have')
  .addOption(new Option('--flavour <flavour>', 'only for servers of this one').choices(FLAVOURS))
  .option('--user <account>', "the account, such as exporter@10.0.0.5 (default: the targets' user)", account)
  .action(async (sets: string[], flags: GrantsFlags) => {
    const { flavour, user } = flags;
    const isGiven = OWN_CONFIGS.some((name) => flags[name] !== undefined);
    process.exitCode = await grants({ ...common(flags), sets, flavour, account: user, isGiven });
  });

program
  .command('schema')
  .description('print the JSON Schema of a file, for editors')
  .addArgument(new Argument('<file>', 'which file').choices(KINDS))
  .action((kind: (typeof KINDS)[number]) => {
    process.exitCode = schema(kind);
  });

program
  .command('convert')
  .description('turn files of other exporters into files of this one')
  .argument('<file...>', 'of query-exporter its two files')
  .addOption(new Option('--from <format>', 'instead of guessing').choices(CONVERTIBLE))
  .option('--output <folder>', 'write files there instead of printing them')
  .action(async (files: string[], flags: { from?: (typeof CONVERTIBLE)[number]; output?: string }) => {
    process.exitCode = await convert({ files, from: flags.from, output: flags.output });
  });

// `| head` has seen enough: what is left is for nobody.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await program.parseAsync();

function withCommonOptions(command: Command): Command {
  return command
    .option('--config.file <file>', 'the targets, or a file of an ancestor (default: "targets.yml")')
    .addOption(new Option('--config <file>', 'the file of query-exporter-simple').conflicts(OTHER_CONFIGS))
    .option('--config-database <file>', "query-exporter's instances")
    .option('--config-metrics <file>', "query-exporter's queries")
    .option('--max-queries <n>', 'most statements under way at once in the whole process', wholeNumber, 1024)
    .addOption(
      new Option(
        '--log.level <level>',
        'least important lines to log (default: $LOG_LEVEL, else "info")',
      ).choices(LOG_LEVELS),
    )
    .addOption(new Option('--log.format <format>', 'form of the log').choices(LOG_FORMATS).default('logfmt'));
}

function common(flags: CommonFlags) {
  const named = configFiles(flags);
  if (!named.ok) return refuse(named.sentence);
  return {
    files: named.files,
    maxQueries: flags.maxQueries,
    logLevel: flags['log.level'] ?? logLevelOf(process.env),
    logFormat: flags['log.format'],
  };
}

function refuse(sentence: string): never {
  return program.error(`error: ${sentence}`, { exitCode: 2 });
}

function commandNames(): readonly string[] {
  return program.commands.map((command) => command.name());
}

function listenAddress(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined) throw new InvalidArgumentError('Expected [HOST]:PORT, such as :9104.');
  return address;
}

function account(text: string): Account {
  const parsed = parseAccount(text);
  if (parsed === undefined) throw new InvalidArgumentError('Expected USER@HOST, such as exporter@%.');
  return parsed;
}

function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('Expected a whole number above 0.');
  return value;
}

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : -1;
  if (value < 0) throw new InvalidArgumentError('Expected seconds, such as 0.25.');
  return value;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
