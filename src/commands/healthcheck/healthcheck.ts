/**
 * `healthcheck`: whether the exporter on this machine answers, for the health check of a container.
 *
 * Without options it looks where the exporter that runs was told to listen. It loads next to nothing, because it runs
 * again and again for as long as the exporter does.
 */
import { type Command, Option } from 'commander';
import { prefixOf } from '../../http/exporter-address.ts';
import { createFrame } from '../frame.ts';
import { complain, writeLine } from '../printable.ts';
import { externalUrl } from '../serve/external-url.ts';
import {
  addressText,
  DEFAULT_ADDRESSES,
  type ListenAddress,
  listenAddresses,
} from '../serve/listen-address.ts';
import { ask } from './ask.ts';
import { flagsOfServe } from './running-serve.ts';

interface Flags {
  readonly 'web.listenAddress': readonly ListenAddress[];
  readonly 'web.externalUrl': URL | undefined;
}

/** Adds the command. */
export function addHealthcheck(program: Command): void {
  addPlace(program.command('healthcheck'))
    .description('ask the exporter on this machine whether it answers, for the health check of a container')
    .action(async (flags: Flags, command: Command) => {
      const isSaid = command.getOptionValueSource('web.listenAddress') === 'cli';
      process.exitCode = await healthcheck(isSaid ? flags : await flagsOfRunning(flags));
    });
}

function addPlace(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--web.listen-address <address>',
        'where it listens, as serve takes it (default: as the exporter that runs here was told, else :9104)',
      )
        .argParser(listenAddresses)
        .default(DEFAULT_ADDRESSES, ''),
    )
    .addOption(
      new Option('--web.external-url <url>', 'its path stands before /-/healthy').argParser(externalUrl),
    );
}

/** What the exporter beside us was told; as given here when there is none. */
async function flagsOfRunning(given: Flags): Promise<Flags> {
  const args = await flagsOfServe();
  if (args === undefined) return given;
  const reader = addPlace(createFrame()).allowUnknownOption().allowExcessArguments();
  return { ...given, ...reader.parse([...args], { from: 'user' }).opts<Flags>() };
}

async function healthcheck(flags: Flags): Promise<number> {
  const [address] = flags['web.listenAddress'];
  if (address === undefined) return 1;
  const failed = await ask(address, `${prefixOf(flags['web.externalUrl'])}/-/healthy`);
  if (failed === undefined) writeLine('healthy');
  else complain(`${addressText(address)}: ${failed}`);
  return failed === undefined ? 0 : 1;
}
