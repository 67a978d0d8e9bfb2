/** What stands in a query file, in words. */
import { grantText } from '../../src/grants/statements.ts';
import {
  FLAVOUR_NAMES,
  FLAVOURS,
  type Flavour,
  type Grant,
  type Requirement,
} from '../../src/model/query-set.ts';
import { code } from './markdown.ts';

/** The servers that meet it: `MySQL from 8.0.22, with performance_schema ON`. */
export function serversText(requirement: Requirement | undefined): string {
  if (requirement === undefined) return 'all servers';
  const { columns = [], flavour, maxVersion, minVersion, tables = [], variables = {} } = requirement;
  const who = [
    flavour === undefined ? 'servers' : FLAVOUR_NAMES[flavour],
    ...(minVersion === undefined ? [] : [`from ${minVersion.join('.')}`]),
    ...(maxVersion === undefined ? [] : [`before ${maxVersion.join('.')}`]),
  ].join(' ');
  const settings = Object.entries(variables).map(([name, values]) => `${code(name)} ${settingText(values)}`);
  const has = [...tables, ...columns].map(code);
  return [
    who,
    ...(settings.length === 0 ? [] : [`with ${settings.join(' and ')}`]),
    ...(has.length === 0 ? [] : [`that have ${has.join(' and ')}`]),
  ].join(', ');
}

/** ON and OFF are 1 and 0, too. */
function settingText(values: readonly string[]): string {
  const [first = ''] = values;
  const isSwitch = values.length === 2 && ['on,1', 'off,0'].includes(values.join(','));
  return isSwitch ? first.toUpperCase() : values.map((value) => value.toUpperCase()).join(' or ');
}

/** Privileges by flavour, told once where they are the same. */
export function grantsText(
  of: (flavour: Flavour) => readonly Grant[],
  told: (grants: readonly Grant[]) => string = inFull,
): string {
  const list = (flavour: Flavour) => told(of(flavour)) || 'none';
  const [first = '', ...others] = FLAVOURS.map(list);
  if (others.every((other) => other === first)) return first;
  return FLAVOURS.map((flavour) => `${FLAVOUR_NAMES[flavour]}: ${list(flavour)}`).join('; ');
}

function inFull(grants: readonly Grant[]): string {
  return grants.map((grant) => code(grantText(grant))).join(', ');
}

/** Several tables of one schema by their number. */
export function inShort(grants: readonly Grant[]): string {
  const alike = (a: Grant) => (b: Grant) => a.privilege === b.privilege && a.schema === b.schema;
  const parts = grants.map((grant) => {
    const tables = grants.filter(alike(grant)).length;
    return tables < 2
      ? code(grantText(grant))
      : `${code(grant.privilege)} on ${tables} tables of ${code(grant.schema)}`;
  });
  return [...new Set(parts)].join(', ');
}

const UNITS = [
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

export function durationText(ms: number): string {
  const [length, unit] = UNITS.find(([length]) => ms % length === 0) ?? [1, 'ms'];
  return `${ms / length}${unit}`;
}

/** Where a name comes from data: `<name>` for all of it, `<part>` for what the parentheses of the rule take. */
export function templateText(template: string, groups: number): string {
  return template.replaceAll(/\$(\d)/g, (_, digit: string) => {
    if (digit === '0') return '<name>';
    return groups > 1 ? `<part ${digit}>` : '<part>';
  });
}
