/**
 * mysqld_exporter's `.my.cnf` as targets.yml: an auth module for each client section, a target for each with a host
 * or a socket.
 *
 * As there, `[client.x]` takes what it does not say itself from `[client]`, except the place of a server.
 * Modules and targets have the names that existing jobs use in `auth_module=` and `target=`.
 */
import { isAbsolute } from 'node:path';
import { parseAddress } from '../config/dsn/address.ts';
import type { DiagnosticList, Diagnostics } from '../diagnostics/diagnostics.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { type Option, readIni, type Section } from './ini.ts';
import { Names } from './names.ts';
import { PLAIN_PASSWORD, withoutVariables } from './targets-text.ts';
import { type Entry, yamlText } from './yaml-text.ts';

const BASE = 'client';
/** The first is mysqld_exporter's own spelling. */
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

export function convertMyCnf(source: SourceText, found: DiagnosticList): readonly ConvertedFile[] {
  const sections = readIni(source, found);
  const diagnostics = found.in(source.file);
  const base = sections.find(({ name }) => name === BASE);
  const scope: Scope = {
    diagnostics,
    base,
    modules: new Names('module'),
    targets: new Names('target'),
    hasPlaces: sections.some((section) => isForClients(section) && placeOf(section) !== undefined),
  };
  const clients = sections.flatMap((section) => {
    if (isForClients(section)) return convertSection(section, scope);
    diagnostics.at(section.line).warn(`[${section.name}]: is no section for clients, left out`);
    return [];
  });
  if (clients.length === 0 && !found.hasErrors)
    diagnostics.error('there is no section [client] or [client.NAME] with a user: add one');
  if (clients.length > 0 && !scope.hasPlaces)
    diagnostics.warn(
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
  /** A path is the number of a line. */
  readonly diagnostics: Diagnostics;
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
  const { base, diagnostics, modules } = scope;
  const here = diagnostics.at(section.line);
  const pick = (key: string) => section.options.get(key) ?? base?.options.get(key);
  const user = pick('user')?.value;
  checkOptions(section, scope);
  if (!user) {
    here.warn(`[${section.name}]: has no user, so it is left out`);
    return [];
  }
  const name = modules.give(section.name);
  if (name !== section.name)
    here.warn(`[${section.name}]: is called ${name} here, for other characters are not possible`);
  const own = section.options.get('password');
  if (own !== undefined && own.value !== '') diagnostics.at(own.line).warn(`password: ${PLAIN_PASSWORD}`);
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

/** The module of targets that name none, and those that a URL may choose: in mysqld_exporter it may choose any. */
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

type PickOption = (key: string) => Option | undefined;

/** Undefined when the section does not say where a server is. */
function targetOf(
  section: Section,
  { module, tls }: { readonly module: string; readonly tls: Client['tls'] },
  pick: PickOption,
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
      scope.diagnostics
        .at(first[1].line)
        .warn(
          `${first[0]}: belongs to a target here, and this section has none; give it to those with auth_module: ${module}`,
        );
    return undefined;
  }
  const address =
    socket === undefined ? tcpAddress(host?.value ?? '', pick('port')?.value) : `unix://${socket.value}`;
  const parsed = parseAddress(address);
  if (!parsed.ok)
    scope.diagnostics.at(where.line).error(`${socket === undefined ? 'host' : 'socket'}: ${parsed.message}`);
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

/** Follows mysqld_exporter: no check at all, a CA of its own, or the value of `tls`. */
function tlsOf(pick: PickOption, { diagnostics }: Scope): readonly Entry[] | undefined {
  const skip = SKIP_KEYS.map(pick).find((option) => option !== undefined)?.value ?? 'false';
  if (/^(?:true|1|yes|y|on|t)$/i.test(skip)) return [{ key: 'mode', value: 'required' }];
  const [ca, cert, key, tls] = ['ssl-ca', 'ssl-cert', 'ssl-key', 'tls'].map(pick);
  if (ca !== undefined) {
    const both = cert !== undefined && key !== undefined;
    if (!isAbsolute(ca.value))
      diagnostics.at(ca.line).warn('ssl-ca: is relative to the folder of targets.yml here');
    return [
      { key: 'mode', value: 'verify_identity' },
      { key: 'ca_file', value: withoutVariables(ca.value) },
      { key: 'cert_file', value: both ? withoutVariables(cert.value) : undefined },
      { key: 'key_file', value: both ? withoutVariables(key.value) : undefined },
    ];
  }
  const alone = cert ?? key;
  if (alone !== undefined)
    diagnostics
      .at(alone.line)
      .warn('ssl-cert, ssl-key: had no effect without ssl-ca, left out; tls of the target has them too');
  if (tls === undefined) return undefined;
  const mode = TLS_MODES.get(tls.value.toLowerCase());
  if (mode === undefined)
    diagnostics
      .at(tls.line)
      .warn('tls: expected true, false, skip-verify or preferred, left out; write tls of the target');
  return mode === undefined ? undefined : [{ key: 'mode', value: mode }];
}

/** Warns of options that are not taken as they stand. Text that may be a misplaced password is not repeated. */
function checkOptions({ options }: Section, { diagnostics }: Scope): void {
  for (const [key, { isBare, isCut, line }] of options) {
    const isName = !isBare && /^[a-z][a-z0-9-]*$/.test(key);
    if (!KNOWN.includes(key))
      diagnostics.at(line).warn(`${isName ? key : 'this line'}: has no meaning here, left out`);
    else if (isCut)
      diagnostics
        .at(line)
        .warn(`${key}: what follows # or ; is a comment; put the value in quotes if it belongs to it`);
  }
}
