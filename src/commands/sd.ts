/**
 * `sd`: the targets as `/sd` lists them, for Prometheus' discovery from files.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { discover, discoveryText } from '../http/discovery.ts';
import { addressOfUrl, type ExporterAddress, hostText } from '../http/exporter-address.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from './options/config-options.ts';
import { collect } from './options/values.ts';
import { writeText } from './printable.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { refuseName } from './unknown-name.ts';

interface SdFlags extends ConfigFlags {
  readonly group: readonly string[];
  readonly recipe: 'direct' | undefined;
  readonly address: ExporterAddress | undefined;
}

interface SdOptions extends ConfigOptions {
  readonly groups: readonly string[];
  readonly exporter: ExporterAddress | undefined;
}

/** Adds the command. */
export function addSd(program: Command): void {
  addConfigOptions(program.command('sd'))
    .description('print the targets as JSON for file_sd of Prometheus, as /sd has them')
    .option('--group <name>', 'only targets of this group; may be repeated', collect, [])
    .addOption(
      new Option('--recipe <recipe>', 'direct: entries that need no relabelling').choices(['direct']),
    )
    .addOption(
      new Option(
        '--address <address>',
        'with --recipe direct: where Prometheus finds the exporter, as HOST:PORT or as its external URL',
      ).argParser(exporterAddress),
    )
    .action(async (flags: SdFlags, command: Command) => {
      const { address: exporter, group: groups, recipe } = flags;
      if (recipe === 'direct' && exporter === undefined)
        command.error('error: --recipe direct needs the address of the exporter: --address HOST:PORT');
      if (recipe === undefined && exporter !== undefined)
        command.error('error: --address is for --recipe direct');
      process.exitCode = await sd({ ...configOptions(command, flags), groups, exporter });
    });
}

function exporterAddress(text: string): ExporterAddress {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined) return addressOfUrl(url);
  const host = hostText(text);
  if (host === undefined)
    throw new InvalidArgumentError('Expected HOST:PORT, such as exporter:9104, or a URL.');
  return { host, isSecure: false, prefix: '' };
}

/** Prints the list on standard output; returns the exit code. */
async function sd({ exporter, groups, ...options }: SdOptions): Promise<number> {
  const config = await readConfig(options);
  if (config === undefined) return 1;
  const unknown = groups.find((group) => !config.groups.includes(group));
  if (unknown !== undefined)
    return refuseName(options.logFormat, { what: 'group', name: unknown, known: config.groups });
  writeText(discoveryText(discover(config.targets.values(), { groups, exporter })));
  return 0;
}
