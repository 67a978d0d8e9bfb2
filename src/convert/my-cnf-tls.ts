/**
 * The options for TLS in a `.my.cnf` as `tls` of a target: those of mysqld_exporter, and those of the clients of MySQL
 * and MariaDB.
 *
 * https://dev.mysql.com/doc/refman/9.7/en/connection-options.html, https://mariadb.com/kb/en/mariadb-command-line-client/
 */
import { isAbsolute } from 'node:path';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import type { TlsMode } from '../model/config.ts';
import type { Option } from './ini.ts';
import { textOf } from './my-cnf-text.ts';
import type { Entry } from './yaml-text.ts';

/** The value that a section has or inherits. */
export type PickOption = (key: string) => Option | undefined;

/** mysqld_exporter's own; the first is its own spelling. */
const SKIP_KEYS = ['ssl-skip-verfication', 'ssl-skip-verification', 'tls.insecure-skip-verify'];
const FILE_KEYS = ['ssl-ca', 'ssl-cert', 'ssl-key'];

/** All options that this file looks at. */
export const TLS_OPTIONS = [
  ...SKIP_KEYS,
  ...FILE_KEYS,
  ...['ssl-mode', 'skip-ssl', 'ssl', 'ssl-verify-server-cert', 'skip-ssl-verify-server-cert', 'tls'],
];

/** Of `tls`, which mysqld_exporter hands to its driver. */
const MODES_OF_DRIVER: ReadonlyMap<string, TlsMode> = new Map([
  ['true', 'verify_identity'],
  ['false', 'disabled'],
  ['skip-verify', 'required'],
  ['preferred', 'preferred'],
]);

/** Of `ssl-mode`. */
const MODES_OF_CLIENT: ReadonlyMap<string, TlsMode> = new Map(
  (['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'] as const).map((mode) => [
    mode,
    mode,
  ]),
);

/** Undefined when no option says anything about it. */
export function tlsOf(pick: PickOption, diagnostics: Diagnostics): readonly Entry[] | undefined {
  const mode = modeOf(pick, diagnostics);
  if (mode === 'disabled') return [{ key: 'mode', value: mode }];
  const [ca, cert, key] = FILE_KEYS.map(pick);
  const alone = cert === undefined ? key : key === undefined ? cert : undefined;
  if (alone !== undefined)
    diagnostics
      .at(alone.line)
      .warn('ssl-cert, ssl-key: one without the other has no effect, left out; add the other');
  for (const file of [ca, cert, key])
    if (file !== undefined && file !== alone && !isAbsolute(file.value))
      diagnostics.at(file.line).warn(`${keyOf(file, pick)}: is relative to the folder of targets.yml here`);
  const entries: readonly Entry[] = [
    { key: 'mode', value: mode },
    { key: 'ca_file', value: ca && textOf(ca) },
    { key: 'cert_file', value: cert && !alone ? textOf(cert) : undefined },
    { key: 'key_file', value: key && !alone ? textOf(key) : undefined },
  ];
  return entries.some(({ value }) => value !== undefined) ? entries : undefined;
}

const keyOf = (option: Option, pick: PickOption): string =>
  FILE_KEYS.find((key) => pick(key) === option) ?? '';

/** The option that is for mysqld_exporter alone comes first, then the most exact one. */
function modeOf(pick: PickOption, diagnostics: Diagnostics): TlsMode | undefined {
  if (SKIP_KEYS.some((key) => isOn(pick(key)))) return 'required';
  const named = namedMode('ssl-mode', MODES_OF_CLIENT, pick, diagnostics);
  if (named !== undefined) return named;
  const ssl = pick('ssl');
  if (isOn(pick('skip-ssl')) || isOff(ssl)) return 'disabled';
  const verify = pick('ssl-verify-server-cert');
  if (isOn(verify)) return 'verify_identity';
  const hasCa = pick('ssl-ca') !== undefined;
  // The name in the certificate is what this option is about: a CA is still asked for its signature.
  if (isOff(verify) || isOn(pick('skip-ssl-verify-server-cert'))) return hasCa ? 'verify_ca' : 'required';
  if (hasCa) return 'verify_identity'; // as mysqld_exporter does
  return isOn(ssl) ? 'required' : namedMode('tls', MODES_OF_DRIVER, pick, diagnostics);
}

function namedMode(
  key: string,
  modes: ReadonlyMap<string, TlsMode>,
  pick: PickOption,
  diagnostics: Diagnostics,
): TlsMode | undefined {
  const option = pick(key);
  if (option === undefined) return undefined;
  const mode = modes.get(option.value.toLowerCase());
  if (mode === undefined)
    diagnostics
      .at(option.line)
      .warn(`${key}: expected ${[...modes.keys()].join(', ')}; left out, write tls of the target`);
  return mode;
}

const isOn = (option: Option | undefined): boolean =>
  option !== undefined && /^(?:true|1|yes|y|on|t)$/i.test(option.value);

const isOff = (option: Option | undefined): boolean =>
  option !== undefined && /^(?:false|0|no|n|off|f)$/i.test(option.value);
