/**
 * Results whose keys name the metrics (`key_value`, `columns`): their rules checked, and their normal form.
 */

import type { InfoDefinition, PivotDefinition, PivotRule } from '../../model/metric.ts';
import type { Report } from '../check/zod-issues.ts';
import { only } from '../only.ts';
import type { Path } from '../yaml/source.ts';
import type { Declaration } from './families.ts';
import { checkFamilyNames } from './family-name.ts';
import { checkLabelNames } from './label-names.ts';
import { checkAliasesIf, checkParser, readEdit, readLabel } from './metric.ts';
import type { InfoKeys, PivotKeys, RuleKeys } from './pivot-schema.ts';

export interface PivotScope {
  /** Paths begin at the pivot. */
  readonly report: Report;
  readonly warn: Report;
  /** The namespace of the set put in front of a metric name. */
  readonly familyOf: (name: string) => string;
  /** Takes note of what a rule or an info exposes, `$0` to `$9` in its names where data stands. */
  readonly declare: (path: Path, declared: Declaration) => void;
}

/** The pivot without the parts that were reported. */
export function readPivot(keys: Partial<PivotKeys>, scope: PivotScope): PivotDefinition {
  const { report } = scope;
  const keepCase = keys.keep_case ?? false;
  const labels = (keys.labels ?? []).flatMap((label, i) => readLabel(label, ['labels', i], scope));
  const names = labels.map(({ as }) => as);
  checkLabelNames(
    names.map((name, i) => [name, ['labels', i]]),
    scope,
  );
  checkReached(keys.rules ?? [], report);
  if (!keepCase) checkCase(keys.rules ?? [], scope);
  return {
    keyValue: 'key' in keys ? readKey(keys) : undefined,
    labels,
    keepCase,
    rules: (keys.rules ?? []).flatMap((rule, i) => readRule(rule, names, ['rules', i], scope)),
    infos: Object.entries('info' in keys ? (keys.info ?? {}) : {}).map(([name, info]) =>
      readInfo(name, info, scope),
    ),
  };
}

function readKey({ key, value }: Partial<Extract<PivotKeys, { key: unknown }>>): PivotDefinition['keyValue'] {
  if (key === undefined || value === undefined) return undefined;
  if (typeof key === 'string') return { key, value };
  return { key: key.column, value, ...only({ edit: readEdit(key) }) };
}

function readRule(keys: RuleKeys, rowLabels: readonly string[], path: Path, scope: PivotScope): PivotRule[] {
  const { aliases, description, drop, labels = {}, map, match, metric, parse, scale, type } = keys;
  const switched = only({ onlyIf: keys.only_if, aliasesIf: keys.aliases_if });
  const { declare, familyOf, report, warn } = scope;
  if (drop === true) {
    const extra = Object.keys(keys).find((key) => !['drop', 'match', 'only_if'].includes(key));
    if (extra !== undefined) report([...path, extra], `this rule drops its keys: remove ${extra}`);
    return [{ match, drop: true, ...switched }];
  }
  if (metric === undefined || type === undefined || description === undefined) {
    report(path, 'a rule needs metric, type and description, or drop: true');
    return [];
  }
  checkGroups([metric, ...(aliases ?? []), description, ...Object.values(labels)], match, path, scope);
  checkParser(keys, path, scope);
  const help = description.trim();
  const families = [metric, ...(aliases ?? [])].map(familyOf);
  const places = families.map(
    (family, i) => [family, [...path, ...(i === 0 ? ['metric'] : ['aliases', i - 1])]] as const,
  );
  checkFamilyNames(places, scope, withData);
  for (const [family, at] of places) {
    if (help.includes('$') && !family.includes('$') && !isLiteral(match))
      warn(
        at,
        `"${family}" has one description for all keys of this rule, and "${help}" differs: write it without $, or put $0 into the name`,
      );
  }
  const constant = Object.keys(labels);
  checkLabelNames(
    constant.map((name) => [name, [...path, 'labels', name]]),
    scope,
    rowLabels,
  );
  declare(path, { families, type, help, labels: [...rowLabels, ...constant] });
  const [family = '', ...others] = families;
  checkAliasesIf(keys, path, scope);
  const optional = only({ aliases: aliases === undefined ? undefined : others, parse, map, scale });
  return [{ match, drop: false, family, type, help, labels, ...optional, ...switched }];
}

/** Every `$1` in a rule's texts needs a group in its match. */
function checkGroups(
  texts: readonly string[],
  match: string | undefined,
  path: Path,
  { report }: PivotScope,
): void {
  const groups = match === undefined ? 0 : (new RegExp(`${match}|`, 'u').exec('')?.length ?? 1) - 1;
  for (const text of texts) {
    const beyond = [...text.matchAll(/\$(\d)/g)].find(([, group]) => Number(group) > groups);
    if (beyond !== undefined)
      report(
        path,
        `"${text}" names ${beyond[0]}, and match has ${groups === 0 ? 'no group' : `${groups} group(s)`}`,
      );
  }
}

function readInfo(name: string, keys: InfoKeys, scope: PivotScope): InfoDefinition {
  const path = ['info', name];
  const family = scope.familyOf(name);
  const help = keys.description.trim();
  const labels = Object.keys(keys.labels);
  checkFamilyNames([[family, path]], scope, withData);
  checkLabelNames(
    labels.map((label) => [label, [...path, 'labels', label]]),
    scope,
  );
  scope.declare(path, { families: [family], type: 'info', help, labels });
  return {
    family,
    help,
    labels: Object.fromEntries(Object.entries(keys.labels).map(([label, from]) => [label, [from].flat()])),
    need: [keys.need ?? []].flat(),
  };
}

function checkReached(rules: readonly RuleKeys[], report: Report): void {
  for (const [i, { match }] of rules.entries()) {
    const before = rules[i - 1];
    if (before !== undefined && takesAll(before.match) && before.only_if === undefined)
      report(
        ['rules', i],
        before.match === undefined
          ? 'this rule is never reached: the one before it has no match and takes every key'
          : `this rule is never reached: the one before it has the match "${before.match}" and takes every key`,
      );
    else if (
      match !== undefined &&
      rules.slice(0, i).some((rule) => rule.match === match && rule.only_if === undefined)
    )
      report(['rules', i, 'match'], 'this rule is never reached: an earlier one has the same match');
  }
}

/** A match with a capital letter outside of a class finds nothing in keys that are in lower case. */
function checkCase(rules: readonly RuleKeys[], { warn }: PivotScope): void {
  for (const [i, { match = '' }] of rules.entries()) {
    const literal = match.replace(/\\p\{[^}]*\}|\\.|\[[^\]]*\]|\(\?<\w+>/giu, '');
    if (/[A-Z]/.test(literal))
      warn(
        ['rules', i, 'match'],
        `keys are in lower case, and "${match}" has capital letters: write it in lower case, or set keep_case: true`,
      );
  }
}

/** `.*` in its usual forms; a `.+` lets the empty key pass, and `^$` takes that one only. */
const takesAll = (match: string | undefined): boolean =>
  match === undefined || (match !== '^$' && /^\^?(?:\.\*|\(\.\*\))?\$?$/.test(match));

/** Whether a match takes one key only, so that `$0` in a text is always the same. */
const isLiteral = (match: string | undefined): boolean => match !== undefined && /^\^\w+\$$/.test(match);

/** A name as one key makes it. */
const withData = (family: string): string => family.replace(/\$\d/g, 'x');
