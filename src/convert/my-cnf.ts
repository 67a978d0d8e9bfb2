/**
 * mysqld_exporter's `.my.cnf` as targets.yml: an auth module for each section with a user, a target for each of these
 * with a host or a socket.
 *
 * As there, `[a.b]` takes what it does not say itself from `[a]`, except the place of a server.
 * Modules and targets have the names that existing jobs use in `auth_module=` and `target=`.
 */
import { parseAddress } from '../config/dsn/address.ts';
import type { DiagnosticList, Diagnostics } from '../diagnostics/diagnostics.ts';
import { hostAndPort } from '../model/address-text.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { type Option, readIni, type Section } from './ini.ts';
import { isReplacedThere, isVariable, textOf } from './my-cnf-text.ts';
import { type PickOption, TLS_OPTIONS, tlsOf } from './my-cnf-tls.ts';
import { Names } from './names.ts';
import { PLAIN_PASSWORD, withoutVariables } from './targets-text.ts';
import { type Entry, yamlText } from './yaml-text.ts';

const BASE = 'client';
/** What the ini library of mysqld_exporter calls the options before the first section; it is no login there. */
const NO_SECTION = 'DEFAULT';
/** Sections of servers, where `user` is an account of the system. */
const OF_SERVERS = /^(?:mysqld|mariadbd|mariadb|server|embedded|galera)(?:$|[-_.\d])/;
const KNOWN = ['user', 'password', 'host', 'port', 'socket', ...TLS_OPTIONS];

export function convertMyCnf(source: SourceText, found: DiagnosticList): readonly ConvertedFile[] {
  const sections = readIni(source, found);
  const diagnostics = found.in(source.file);
  const byName = new Map(sections.map((section) => [section.name, section]));
  const used = sections.filter((section) => {
    const reason = reasonToLeaveOut(section, byName);
    if (reason !== undefined)
      diagnostics.at(section.line).warn(`[${section.name}]: ${reason}, so it is left out`);
    return reason === undefined;
  });
  const scope: Scope = {
    diagnostics,
    sections: byName,
    modules: new Names('module'),
    targets: new Names('target'),
    hasPlaces: used.some((section) => placeOf(section) !== undefined),
  };
  const clients = used.map((section) => convertSection(section, scope));
  if (clients.length === 0 && !found.hasErrors)
    diagnostics.error('there is no section with a user, such as [client]: add one');
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
  /** By name. */
  readonly sections: ReadonlyMap<string, Section>;
  readonly modules: Names;
  readonly targets: Names;
  /** Whether any section says where a server is. */
  readonly hasPlaces: boolean;
}

function reasonToLeaveOut(section: Section, sections: Scope['sections']): string | undefined {
  const { name, options } = section;
  if (name === NO_SECTION || (OF_SERVERS.test(name) && !options.has('password')))
    return 'is no section for clients';
  return pickFrom(section, 'user', sections)?.value ? undefined : 'has no user';
}

const placeOf = ({ options }: Section): Option | undefined => options.get('socket') ?? options.get('host');

interface Client {
  readonly module: Entry;
  readonly tls: readonly Entry[] | undefined;
  readonly target: Entry | undefined;
}

function convertSection(section: Section, scope: Scope): Client {
  const { diagnostics, modules, sections } = scope;
  const here = diagnostics.at(section.line);
  const pick: PickOption = (key) => pickFrom(section, key, sections);
  const user = pick('user');
  const password = pick('password');
  checkOptions(section, scope);
  const name = modules.give(section.name);
  if (name !== section.name)
    here.warn(`[${section.name}]: is called ${name} here, for other characters are not possible`);
  const own = section.options.get('password');
  if (own !== undefined && own.value !== '' && !isVariable(own))
    diagnostics.at(own.line).warn(`password: ${PLAIN_PASSWORD}`);
  const module: Entry = {
    key: name,
    comment: section.comment,
    value: [
      { key: 'user', value: user && textOf(user) },
      { key: 'password', value: password && textOf(password) },
    ],
  };
  const tls = tlsOf(pick, diagnostics);
  return { module, tls, target: targetOf(section, { module: name, tls }, pick, scope) };
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

/** From the section, or else from those above it: of `[a.b.c]` these are `[a.b]` and `[a]`. */
function pickFrom(section: Section, key: string, sections: Scope['sections']): Option | undefined {
  for (let { name } = section; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const option = sections.get(name)?.options.get(key);
    if (option !== undefined) return option;
  }
  return undefined;
}

/** Undefined when the section does not say where a server is. */
function targetOf(
  section: Section,
  { module, tls }: { readonly module: string; readonly tls: Client['tls'] },
  pick: PickOption,
  scope: Scope,
): Entry | undefined {
  const { options } = section;
  const socket = options.get('socket');
  const host = socket === undefined ? options.get('host') : undefined;
  const where = placeOf(section);
  if (where === undefined) {
    const [first] = [...options].filter(([key]) => TLS_OPTIONS.includes(key));
    const isDefault = section.name === BASE && !scope.hasPlaces;
    if (first !== undefined && !isDefault)
      scope.diagnostics
        .at(first[1].line)
        .warn(
          `${first[0]}: belongs to a target here, and this section has none; give it to those with auth_module: ${module}`,
        );
    return undefined;
  }
  const address =
    socket === undefined
      ? hostAndPort(host?.value ?? '', pick('port')?.value ?? '3306')
      : `unix://${socket.value}`;
  const parsed = parseAddress(address);
  if (!parsed.ok)
    scope.diagnostics
      .at(where.line)
      .error(host === undefined ? `socket: ${parsed.message}` : `host: ${hostProblem(host, parsed.message)}`);
  return {
    key: scope.targets.give(address),
    value: [
      { key: 'address', value: withoutVariables(address) },
      { key: 'auth_module', value: module },
      { key: 'tls', value: tls },
    ],
  };
}

/** What to write in place of a host that does not make an address with its port. */
function hostProblem({ value }: Option, problem: string): string {
  const port = /^(?:[^:]*|\[.*\]):(\d{1,5})$/.exec(value)?.[1];
  return port === undefined
    ? `${problem.split(': write ', 1)[0]}: write its name or address alone`
    : `has a port: write port = ${port} in a line of its own, and the host alone here`;
}

/** Warns of options that are not taken as they stand. Text that may be a misplaced password is not repeated. */
function checkOptions({ options }: Section, { diagnostics }: Scope): void {
  for (const [key, option] of options) {
    const at = diagnostics.at(option.line);
    const isName = !option.isBare && /^[a-z][a-z0-9-]*$/.test(key);
    if (!KNOWN.includes(key)) at.warn(`${isName ? key : 'this line'}: has no meaning here, left out`);
    else if (option.hasComment)
      at.warn(
        `${key}: what follows # or ; belongs to the value, as in mysqld_exporter; remove it if it is a comment`,
      );
    if (KNOWN.includes(key) && isReplacedThere(option))
      at.warn(
        `${key}: stands here as it is; where mysqld_exporter replaces a variable in it, write that as \${NAME}`,
      );
  }
}
