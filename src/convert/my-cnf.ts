/**
 * mysqld_exporter's `.my.cnf` as targets.yml: an auth module for each client section, a target for each with a host
 * or a socket.
 *
 * As there, `[client.x]` has what it does not say itself from `[client]`; the place of a server it must say itself.
 * Modules and targets are called what `auth_module=` and `target=` of existing jobs say.
 */
import { isAbsolute } from 'node:path';
import { parseAddress } from '../config/dsn/address.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { type Option, readIni, type Section } from './ini.ts';
import { Names } from './names.ts';
import { PLAIN_PASSWORD, withoutVariables } from './targets-text.ts';
import { type Entry, yamlText } from './yaml-text.ts';

const BASE = 'client';
/** The first is how mysqld_exporter spells it. */
const SKIP_KEYS = ['ssl-skip-verfication', 'ssl-skip-verification', 'tls.insecure-skip-verify'];
const KNOWN = [
  ...SKIP_KEYS,
  ...['user', 'password', 'host', 'port', 'socket', 'ssl-ca', 'ssl-cert', 'ssl-key', 'tls'],
];
const TLS_MODES: ReadonlyMap<string, string> = new Map([
  ['true', 'verify_identity'],
  ['false', 'disabled'],
  ['skip-verify', 'required'],
  ['preferred', 'preferred'],
]);

export function convertMyCnf(source: SourceText, findings: Diagnostic[]): readonly ConvertedFile[] {
  const sections = readIni(source, findings);
  const note = (severity: Diagnostic['severity'], line: number, message: string) =>
    findings.push({ severity, file: source.file, line, column: 1, message });
  const base = sections.find(({ name }) => name === BASE);
  const scope: Scope = {
    warn: (line, message) => note('warning', line, message),
    report: (line, message) => note('error', line, message),
    base,
    modules: new Names('module'),
    targets: new Names('target'),
    hasPlaces: sections.some((section) => isForClients(section) && placeOf(section) !== undefined),
  };
  const clients = sections.flatMap((section) => {
    if (isForClients(section)) return convertSection(section, scope);
    scope.warn(section.line, `[${section.name}]: is no section for clients, left out`);
    return [];
  });
  if (clients.length === 0 && !findings.some(({ severity }) => severity === 'error'))
    scope.report(1, 'there is no section [client] or [client.NAME] with a user: add one');
  if (clients.length > 0 && !scope.hasPlaces)
    scope.warn(
      1,
      'no section has a host or a socket: list the targets of your job below targets, by the same names',
    );
  const entries: readonly Entry[] = [
    { key: 'auth_modules', value: clients.map(({ module }) => module) },
    { key: 'defaults', value: defaultsOf(clients, scope) },
    { key: 'targets', value: clients.flatMap(({ target }) => target ?? []) },
  ];
  return clients.length === 0 ? [] : [{ name: 'targets.yml', text: yamlText(entries) }];
}

interface Scope {
  readonly warn: (line: number, message: string) => void;
  readonly report: (line: number, message: string) => void;
  /** `[client]`. */
  readonly base: Section | undefined;
  readonly modules: Names;
  readonly targets: Names;
  /** Whether any section says where a server is. */
  readonly hasPlaces: boolean;
}

const isForClients = ({ name }: Section): boolean => name === BASE || name.startsWith(`${BASE}.`);

const placeOf = ({ options }: Section): Option | undefined => options.get('socket') ?? options.get('host');

interface Client {
  readonly module: Entry;
  readonly tls: readonly Entry[] | undefined;
  readonly target: Entry | undefined;
}

function convertSection(section: Section, scope: Scope): readonly Client[] {
  const { base, modules, warn } = scope;
  const pick = (key: string) => section.options.get(key) ?? base?.options.get(key);
  const user = pick('user')?.value;
  sayOptions(section, scope);
  if (!user) {
    warn(section.line, `[${section.name}]: has no user, so it is left out`);
    return [];
  }
  const name = modules.give(section.name);
  if (name !== section.name)
    warn(section.line, `[${section.name}]: is called ${name} here, for other characters are not possible`);
  const own = section.options.get('password');
  if (own !== undefined && own.value !== '') warn(own.line, `password: ${PLAIN_PASSWORD}`);
  const password = pick('password')?.value;
  const module: Entry = {
    key: name,
    comment: section.comment,
    value: [
      { key: 'user', value: withoutVariables(user) },
      { key: 'password', value: password === undefined ? undefined : withoutVariables(password) },
    ],
  };
  const tls = tlsOf(pick, scope);
  return [{ module, tls, target: targetOf(section, { module: name, tls }, pick, scope) }];
}

/** Who logs in where a target does not say it, and who else may, which there is everybody everywhere. */
function defaultsOf(clients: readonly Client[], { hasPlaces }: Scope): readonly Entry[] | undefined {
  const names = clients.map(({ module }) => module.key);
  const base = clients.find(({ module }) => module.key === BASE);
  const entries: readonly Entry[] = [
    { key: 'auth_module', value: base?.module.key },
    {
      key: 'allow_auth_modules',
      value: names.length > 1 ? { list: names } : undefined,
      comment: ' what a URL may say in auth_module=',
    },
    { key: 'tls', value: hasPlaces ? undefined : base?.tls },
  ];
  return entries.some(({ value }) => value !== undefined) ? entries : undefined;
}

type Say = (key: string) => Option | undefined;

/** Undefined when the section does not say where a server is. */
function targetOf(
  section: Section,
  { module, tls }: { readonly module: string; readonly tls: Client['tls'] },
  say: Say,
  scope: Scope,
): Entry | undefined {
  const { options } = section;
  const socket = options.get('socket');
  const host = options.get('host');
  const where = placeOf(section);
  if (where === undefined) {
    const [first] = [...options].filter(([key]) => key.startsWith('ssl-') || key.startsWith('tls'));
    const isDefault = section === scope.base && !scope.hasPlaces;
    if (first !== undefined && !isDefault)
      scope.warn(
        first[1].line,
        `${first[0]}: belongs to a target here, and this section has none; give it to those with auth_module: ${module}`,
      );
    return undefined;
  }
  const address =
    socket === undefined ? tcpAddress(host?.value ?? '', say('port')?.value) : `unix://${socket.value}`;
  const parsed = parseAddress(address);
  if (!parsed.ok) scope.report(where.line, `${socket === undefined ? 'host' : 'socket'}: ${parsed.message}`);
  return {
    key: scope.targets.give(address),
    value: [
      { key: 'address', value: withoutVariables(address) },
      { key: 'auth_module', value: module },
      { key: 'tls', value: tls },
    ],
  };
}

function tcpAddress(host: string, port = '3306'): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As mysqld_exporter decides: no check at all, a CA of its own, or what `tls` says. */
function tlsOf(say: Say, { warn }: Scope): readonly Entry[] | undefined {
  const skip = SKIP_KEYS.map(say).find((option) => option !== undefined)?.value ?? 'false';
  if (/^(?:true|1|yes|y|on|t)$/i.test(skip)) return [{ key: 'mode', value: 'required' }];
  const [ca, cert, key, tls] = ['ssl-ca', 'ssl-cert', 'ssl-key', 'tls'].map(say);
  if (ca !== undefined) {
    const both = cert !== undefined && key !== undefined;
    if (!isAbsolute(ca.value)) warn(ca.line, 'ssl-ca: is relative to the folder of targets.yml here');
    return [
      { key: 'mode', value: 'verify_identity' },
      { key: 'ca_file', value: withoutVariables(ca.value) },
      { key: 'cert_file', value: both ? withoutVariables(cert.value) : undefined },
      { key: 'key_file', value: both ? withoutVariables(key.value) : undefined },
    ];
  }
  const alone = cert ?? key;
  if (alone !== undefined)
    warn(
      alone.line,
      'ssl-cert, ssl-key: had no effect without ssl-ca, left out; tls of the target has them too',
    );
  if (tls === undefined) return undefined;
  const mode = TLS_MODES.get(tls.value.toLowerCase());
  if (mode === undefined)
    warn(tls.line, 'tls: expected true, false, skip-verify or preferred, left out; write tls of the target');
  return mode === undefined ? undefined : [{ key: 'mode', value: mode }];
}

/** What of a section is not taken as it stands. Text that may be a misplaced password is not repeated. */
function sayOptions({ options }: Section, { warn }: Scope): void {
  for (const [key, { isBare, isCut, line }] of options) {
    const isName = !isBare && /^[a-z][a-z0-9-]*$/.test(key);
    if (!KNOWN.includes(key)) warn(line, `${isName ? key : 'this line'}: has no meaning here, left out`);
    else if (isCut)
      warn(line, `${key}: what follows # or ; is a comment; put the value in quotes if it belongs to it`);
  }
}
