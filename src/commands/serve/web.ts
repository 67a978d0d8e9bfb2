/** The options of the port, the web file among them, and what is said about it at the start. */
import { type Command, Option } from 'commander';
import { webFile } from '../../config/web-file/web-file.ts';
import { LiveWeb } from '../../http/port/live-web.ts';
import type { LogFormat, Logger } from '../../telemetry/logger.ts';
import { reportDiagnostics } from '../start-up-report.ts';
import { externalUrl } from './external-url.ts';
import { inheritedSockets } from './inherited-sockets.ts';
import type { Listening, Place } from './listen.ts';
import { DEFAULT_ADDRESSES, type ListenAddress, listenAddresses } from './listen-address.ts';

export interface WebFlags {
  readonly 'web.listenAddress': readonly ListenAddress[];
  readonly 'web.systemdSocket'?: boolean;
  readonly 'web.config.file': string | undefined;
  readonly 'web.externalUrl': URL | undefined;
  readonly 'web.healthWithoutLogin'?: boolean;
}

export interface WebOptions {
  readonly places: readonly Place[];
  readonly webFile: string | undefined;
  readonly externalUrl: URL | undefined;
  readonly healthWithoutLogin: boolean;
}

/** Adds the options. */
export function addWebOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--web.listen-address <address>',
        'where to listen: :9104, 127.0.0.1:9104, [::1]:9104, unix:///run/exporter.sock; may be repeated',
      )
        .argParser(listenAddresses)
        .default(DEFAULT_ADDRESSES, ':9104'),
    )
    .option('--web.systemd-socket', 'listen on the sockets that systemd passes, and on no address')
    .option(
      '--web.config.file <file>',
      'TLS, logins, headers and rate limit of the port, as in Prometheus and its exporters',
    )
    .addOption(
      new Option(
        '--web.external-url <url>',
        'where others reach this exporter; its path stands before all paths',
      ).argParser(externalUrl),
    )
    .option('--web.health-without-login', '/-/healthy and /-/ready need no login');
}

/** What they say together; ends the program when there is no socket to listen on. */
export function webOptions(command: Command, flags: WebFlags, alias: ListenAddress | undefined): WebOptions {
  const addresses = alias === undefined ? flags['web.listenAddress'] : [alias];
  const places: readonly Place[] =
    flags['web.systemdSocket'] === true
      ? inheritedSockets(process.env, process.pid).map((fd) => ({ fd }))
      : addresses;
  if (places.length === 0)
    command.error(
      'error: --web.systemd-socket: no socket was passed; a .socket unit passes them to the process of ExecStart itself',
    );
  return {
    places,
    webFile: flags['web.config.file'],
    externalUrl: flags['web.externalUrl'],
    healthWithoutLogin: flags['web.healthWithoutLogin'] ?? false,
  };
}

/** Whether the start may go on; with the file's settings where there is one. */
export type WebAtStart = { readonly ok: true; readonly web: LiveWeb | undefined } | { readonly ok: false };

/** Reads the file; what is wrong with it is then on standard error. */
export async function readWeb(file: string | undefined, format: LogFormat, log: Logger): Promise<WebAtStart> {
  if (file === undefined || file === '') return { ok: true, web: undefined };
  const source = webFile(file);
  const reading = await source.read();
  reportDiagnostics(format, reading.diagnostics);
  const { settings } = reading;
  return settings === undefined
    ? { ok: false }
    : { ok: true, web: new LiveWeb(source, { ...reading, settings }, { log }) };
}

/** Says so when others may use the port as they like. */
export function warnOfOpenPort({ isExposed }: Listening, web: LiveWeb | undefined, log: Logger): void {
  if (!isExposed || web !== undefined) return;
  log.warn('the port is open to other machines, without TLS and login', {
    hint: '--web.config.file, or --web.listen-address 127.0.0.1:9104',
  });
}
