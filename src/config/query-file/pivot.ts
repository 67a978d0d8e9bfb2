/**
 * Results whose keys name the metrics (`key_value`, `columns`): their rules checked, and their normal form.
 */

import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { InfoDefinition, PivotDefinition, PivotRule } from '../../model/metric.ts';
import { compilePattern } from '../../pattern/pattern.ts';
import { withoutUndefined } from '../check/maps.ts';
import type { Declaration } from './families.ts';
import { checkFamilyNames } from './family-name.ts';
import { checkLabelNames } from './label-names.ts';
import { checkAliasesIf, checkParser, readEdit, readLabel } from './metric.ts';
import type { InfoKeys, PivotKeys, RuleKeys } from './pivot-schema.ts';

export interface PivotScope {
  /** Of the pivot. */
  readonly diagnostics: Diagnostics;
  /** The namespace of the set put in front of a metric name. */
  readonly familyOf: (name: string) => string;
  /** Registers what a rule or an info exposes; `$0` to `$9` in names stand for data. */
  readonly declare: (declared: Declaration, diagnostics: Diagnostics) => void;
}

/** The pivot without the parts that were reported. */
export function readPivot(keys: Partial<PivotKeys>, scope: PivotScope): PivotDefinition {
  const { diagnostics } = scope;
  const keepCase = keys.keep_case ?? false;
  const labels = (keys.labels ?? []).flatMap((label, i) => readLabel(label, diagnostics.at('labels', i)));
  const names = labels.map(({ as }) => as);
  checkLabelNames(names.map((name, i) => [name, diagnostics.at('labels', i)]));
  const rules = keys.rules ?? [];
  checkReached(rules, diagnostics.at('rules'));
  if (!keepCase) checkCase(rules, diagnostics.at('rules'));
  return {
    keyValue: 'key' in keys ? readKey(keys) : undefined,
    labels,
    keepCase,
    rules: rules.flatMap((rule, i) =>
      readRule(rule, names, { ...scope, diagnostics: diagnostics.at('rules', i) }),
    ),
    infos: Object.entries('info' in keys ? (keys.info ?? {}) : {}).map(([name, info]) =>
      readInfo(name, info, { ...scope, diagnostics: diagnostics.at('info', name) }),
    ),
  };
}

function readKey({ key, value }: Partial<Extract<PivotKeys, { key: unknown }>>): PivotDefinition['keyValue'] {
  if (key === undefined || value === undefined) return undefined;
  if (typeof key === 'string') return { key, value };
  return { key: key.column, value, ...withoutUndefined({ edit: readEdit(key) }) };
}

function readRule(keys: RuleKeys, rowLabels: readonly string[], scope: PivotScope): PivotRule[] {
  const { description, drop, match, metric, type } = keys;
  const { diagnostics } = scope;
  if (drop === true) {
    const extra = Object.keys(keys).find((key) => !['drop', 'match', 'only_if'].includes(key));
    if (extra !== undefined) diagnostics.at(extra).error(`this rule drops its keys: remove ${extra}`);
    return [{ match, drop: true, ...switchesOf(keys) }];
  }
  if (metric === undefined || type === undefined || description === undefined) {
    diagnostics.error('a rule needs metric, type and description, or drop: true');
    return [];
  }
  return [readMetricRule({ ...keys, metric, type, description }, rowLabels, scope)];
}

type MetricRuleKeys = RuleKeys & {
  readonly [Key in 'metric' | 'type' | 'description']-?: NonNullable<RuleKeys[Key]>;
};

function readMetricRule(
  keys: MetricRuleKeys,
  rowLabels: readonly string[],
  { declare, diagnostics, familyOf }: PivotScope,
): PivotRule {
  const { aliases, description, labels = {}, map, match, metric, parse, scale, type } = keys;
  checkGroups([metric, ...(aliases ?? []), description, ...Object.values(labels)], match, diagnostics);
  checkParser(keys, diagnostics);
  const help = description.trim();
  const families = [metric, ...(aliases ?? [])].map(familyOf);
  const places = families.map(
    (family, i) => [family, i === 0 ? diagnostics.at('metric') : diagnostics.at('aliases', i - 1)] as const,
  );
  checkFamilyNames(places, withData);
  for (const [family, at] of places) {
    if (help.includes('$') && !family.includes('$') && !isLiteral(match))
      at.warn(
        `"${family}" has one description for all keys of this rule, and "${help}" differs: write it without $, or put $0 into the name`,
      );
  }
  const constant = Object.keys(labels);
  checkLabelNames(
    constant.map((name) => [name, diagnostics.at('labels', name)]),
    rowLabels,
  );
  declare({ families, type, help, labels: [...rowLabels, ...constant] }, diagnostics);
  checkAliasesIf(keys, diagnostics);
  const [family = '', ...others] = families;
  const optional = withoutUndefined({
    aliases: aliases === undefined ? undefined : others,
    parse,
    map,
    scale,
  });
  return { match, drop: false, family, type, help, labels, ...optional, ...switchesOf(keys) };
}

const switchesOf = (keys: RuleKeys) => withoutUndefined({ onlyIf: keys.only_if, aliasesIf: keys.aliases_if });

/** Every `$1` in a rule's texts needs a group in its match. */
function checkGroups(texts: readonly string[], match: string | undefined, diagnostics: Diagnostics): void {
  const pattern = match === undefined ? undefined : compilePattern(match);
  const groups = pattern?.ok ? pattern.value.groups : 0;
  for (const text of texts) {
    const beyond = [...text.matchAll(/\$(\d)/g)].find(([, group]) => Number(group) > groups);
    if (beyond !== undefined)
      diagnostics.error(
        `"${text}" names ${beyond[0]}, and match has ${groups === 0 ? 'no group' : `${groups} group(s)`}`,
      );
  }
}

function readInfo(
  name: string,
  keys: InfoKeys,
  { declare, diagnostics, familyOf }: PivotScope,
): InfoDefinition {
  const family = familyOf(name);
  const help = keys.description.trim();
  const labels = Object.keys(keys.labels);
  checkFamilyNames([[family, diagnostics]], withData);
  checkLabelNames(labels.map((label) => [label, diagnostics.at('labels', label)]));
  declare({ families: [family], type: 'info', help, labels }, diagnostics);
  return {
    family,
    help,
    labels: Object.fromEntries(Object.entries(keys.labels).map(([label, from]) => [label, [from].flat()])),
    need: [keys.need ?? []].flat(),
  };
}

/** Reports rules that no key reaches, because an earlier one takes all that they match. */
function checkReached(rules: readonly RuleKeys[], diagnostics: Diagnostics): void {
  for (const [i, { match }] of rules.entries()) {
    const before = rules[i - 1];
    if (before !== undefined && takesAll(before.match) && before.only_if === undefined)
      diagnostics
        .at(i)
        .error(
          before.match === undefined
            ? 'this rule is never reached: the one before it has no match and takes every key'
            : `this rule is never reached: the one before it has the match "${before.match}" and takes every key`,
        );
    else if (
      match !== undefined &&
      rules.slice(0, i).some((rule) => rule.match === match && rule.only_if === undefined)
    )
      diagnostics.at(i, 'match').error('this rule is never reached: an earlier one has the same match');
  }
}

/** A match with a capital letter outside of a class finds nothing in keys that are in lower case. */
function checkCase(rules: readonly RuleKeys[], diagnostics: Diagnostics): void {
  for (const [i, { match = '' }] of rules.entries()) {
    const pattern = compilePattern(match);
    if (pattern.ok && pattern.value.hasCapital)
      diagnostics
        .at(i, 'match')
        .warn(
          `keys are in lower case, and "${match}" has capital letters: write it in lower case, or set keep_case: true`,
        );
  }
}

/** `.*` in its usual forms. Not `.+`, which does not match the empty key, nor `^$`, which matches only that. */
const takesAll = (match: string | undefined): boolean =>
  match === undefined || (match !== '^$' && /^\^?(?:\.\*|\(\.\*\))?\$?$/.test(match));

/** Whether a match takes one key only, so that `$0` in a text is always the same. */
const isLiteral = (match: string | undefined): boolean => match !== undefined && /^\^\w+\$$/.test(match);

/** An example of the name that a key makes. */
const withData = (family: string): string => family.replace(/\$\d/g, 'x');
