/**
 * Results whose keys name the metrics (`key_value`, `columns`): their rules checked, and their normal form.
 */
import type { InfoDefinition, PivotDefinition, PivotRule } from './config.ts';
import { FAMILY_NAME, only, readLabel } from './metric.ts';
import type { PivotKeys, RuleKeys } from './query-file-schema.ts';
import type { Report } from './zod-findings.ts';

export interface PivotScope {
  /** Paths begin at the pivot. */
  readonly report: Report;
  /** The namespace of the set put in front of a metric name. */
  readonly familyOf: (name: string) => string;
}

/** The pivot without the parts that were reported. */
export function readPivot(keys: Partial<PivotKeys>, scope: PivotScope): PivotDefinition {
  const rules = keys.rules ?? [];
  const open = rules.findIndex(({ match }) => match === undefined);
  if (open >= 0 && open < rules.length - 1)
    scope.report(
      ['rules', open + 1],
      'this rule is never reached: the one before it has no match and takes every key',
    );
  const isKeyValue = 'key' in keys && keys.key !== undefined && keys.value !== undefined;
  return {
    keyValue: isKeyValue ? { key: keys.key ?? '', value: keys.value ?? '' } : undefined,
    labels: ('labels' in keys ? (keys.labels ?? []) : []).flatMap((label, i) =>
      readLabel(label, ['labels', i], scope),
    ),
    keepCase: keys.keep_case ?? false,
    rules: rules.flatMap((rule, i) => readRule(rule, ['rules', i], scope)),
    infos: Object.entries('info' in keys ? (keys.info ?? {}) : {}).map(([name, info]): InfoDefinition => {
      const family = scope.familyOf(name);
      checkName(family, ['info', name], scope);
      return { family, help: info.description.trim(), labels: info.labels, need: info.need };
    }),
  };
}

function readRule(keys: RuleKeys, path: (string | number)[], { familyOf, report }: PivotScope): PivotRule[] {
  const { description, drop, labels = {}, map, match, metric, parse, scale, type } = keys;
  if (drop === true) {
    const extra = Object.keys(keys).find((key) => key !== 'drop' && key !== 'match');
    if (extra !== undefined) report([...path, extra], `this rule drops its keys: remove ${extra}`);
    return [{ match, drop: true }];
  }
  if (metric === undefined || type === undefined || description === undefined) {
    report(path, 'a rule needs metric, type and description, or drop: true');
    return [];
  }
  const groups = match === undefined ? 0 : (new RegExp(`${match}|`, 'u').exec('')?.length ?? 1) - 1;
  for (const text of [metric, description, ...Object.values(labels)]) {
    const beyond = [...text.matchAll(/\$(\d)/g)].find(([, group]) => Number(group) > groups);
    if (beyond !== undefined)
      report(
        path,
        `"${text}" names ${beyond[0]}, and match has ${groups === 0 ? 'no group' : `${groups} group(s)`}`,
      );
  }
  if (parse !== undefined && map !== undefined)
    report([...path, 'map'], 'parse and map exclude each other: keep one of them');
  const family = familyOf(metric);
  checkName(family.replace(/\$\d/g, 'x'), [...path, 'metric'], { report });
  return [
    { match, drop: false, family, type, help: description.trim(), labels, ...only({ parse, map, scale }) },
  ];
}

function checkName(
  name: string,
  path: readonly (string | number)[],
  { report }: Pick<PivotScope, 'report'>,
): void {
  if (!FAMILY_NAME.test(name))
    report(
      [...path],
      `"${name}" is no valid metric name: only letters, digits, _ and : and no digit at the beginning`,
    );
}
