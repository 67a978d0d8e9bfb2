/** What docs/reference/query-library.md says about one query set. */

import { labelNames } from '../../src/config/query-file/metric-lint.ts';
import { grantsOfSet } from '../../src/grants/needed.ts';
import type { MetricDefinition, MetricRule, PivotDefinition, Switched } from '../../src/model/metric.ts';
import { METRIC_TYPE_RULES } from '../../src/model/metric-type.ts';
import type { QueryDefinition, QuerySetDefinition } from '../../src/model/query-set.ts';
import { code, table } from './markdown.ts';
import { durationText, grantsText, serversText, templateText } from './words.ts';

/** Lines of Markdown. */
export function setSection(set: QuerySetDefinition, isDefault: boolean): readonly string[] {
  const { cost = 'cheap', description, name, params = {}, queries } = set;
  const rows = Object.entries(params).map(([param, { default: value, description: about = '', type }]) => [
    code(param),
    type,
    code(JSON.stringify(value)),
    about,
  ]);
  return [
    `## ${name}`,
    '',
    `${sentence(description)} ${isDefault ? 'On by default' : 'On request'}, ${cost}. File: [${name}.yml](../../queries/${name}.yml).`,
    '',
    `Privileges: ${privileges(set)}.`,
    ...(rows.length === 0 ? [] : ['', ...table(['parameter', 'type', 'default', ''], rows)]),
    ...queries.flatMap((query) => ['', ...querySection(query)]),
  ];
}

/** Of what is asked by default, and of queries that a parameter adds. */
function privileges(set: QuerySetDefinition): string {
  const byDefault = grantsText((flavour) => grantsOfSet(set, flavour));
  const added = Object.keys(set.params ?? {}).flatMap((param) => {
    const withIt = grantsText((flavour) => grantsOfSet(set, flavour, { [param]: true }));
    const isSwitch = set.queries.some(({ onlyIf }) => onlyIf === param);
    return isSwitch && withIt !== byDefault ? [`with ${code(param)} ${withIt}`] : [];
  });
  return [byDefault, ...added].join('; ');
}

function querySection(query: QueryDefinition): readonly string[] {
  const { description, metrics, name, pivot } = query;
  const rows = [...(pivot === undefined ? [] : pivotRows(pivot)), ...metrics.flatMap(metricRows)];
  return [
    `Query ${code(name)}: ${[...(description === '' ? [] : [sentence(description)]), ...facts(query)].join(' ')}`,
    '',
    ...table(['metric', 'type', 'labels', 'what'], rows),
  ];
}

/** How it is asked, in sentences. */
function facts({ ignoreErrors = [], minIntervalMs, onlyIf, requires, timeoutMs, variants }: QueryDefinition) {
  const when = onlyIf === undefined ? '' : `, when ${code(onlyIf)} is true`;
  const different = (variants ?? []).map(({ when: servers }, i) =>
    servers === undefined && i > 0 ? 'all others' : serversText(servers),
  );
  return [
    `Asked on ${serversText(requires)}${when}.`,
    ...(different.length > 1 ? [`A statement each for ${different.join('; ')}.`] : []),
    ...(different.length === 1 && variants?.[0]?.when !== undefined ? [`Only for ${different[0]}.`] : []),
    ...(timeoutMs === undefined ? [] : [`Timeout ${durationText(timeoutMs)}.`]),
    ...(minIntervalMs === undefined
      ? []
      : [`Asked again after ${durationText(minIntervalMs)} at the earliest.`]),
    ...(ignoreErrors.length === 0 ? [] : [`Skipped on error ${ignoreErrors.join(', ')}.`]),
  ];
}

type Row = readonly [metric: string, type: string, labels: string, what: string];

function metricRows(metric: MetricDefinition): readonly Row[] {
  const { family, help, type } = metric;
  const labels = [
    ...labelNames(metric).map((label) => (label.startsWith('(') ? 'all other columns' : code(label))),
    ...METRIC_TYPE_RULES[type].ownLabels.map(code),
  ];
  const about = [sentence(help), ...switchText(metric, (alias) => alias)];
  return [[code(family), type, labels.join(', '), about.join(' ')]];
}

function pivotRows({ infos, keyValue, labels, rules }: PivotDefinition): readonly Row[] {
  const ofRow = labels.map(({ as }) => as);
  const what = keyValue === undefined ? 'column' : 'row';
  return [
    ...rules.flatMap((rule) => (rule.drop ? [] : [ruleRow(rule, rule.match, what, ofRow)])),
    ...infos.map(({ family, help, labels: own }): Row => {
      const names = [...ofRow, ...Object.keys(own)].map(code);
      return [
        code(family),
        METRIC_TYPE_RULES.info.exposedAs,
        names.join(', '),
        `${sentence(help)} Always 1.`,
      ];
    }),
  ];
}

function ruleRow(rule: MetricRule, match: string | undefined, what: string, ofRow: readonly string[]): Row {
  const groups = match === undefined ? 0 : (new RegExp(`${match}|`, 'u').exec('')?.length ?? 1) - 1;
  const fill = (template: string) => templateText(template, groups);
  const which =
    match === undefined
      ? `Of every ${what} that is not above.`
      : `Of each ${what} that matches ${code(match)}.`;
  const help = sentence(rule.help).replaceAll(/\$\d/g, (template) => code(fill(template)));
  return [
    code(fill(rule.family)),
    rule.type,
    [...ofRow, ...Object.keys(rule.labels)].map(code).join(', '),
    [help, which, ...switchText(rule, fill)].join(' '),
  ];
}

/** What parameters do to it, and its further names. */
function switchText({ aliases = [], aliasesIf, onlyIf }: Switched, fill: (name: string) => string) {
  const names = aliases.map((alias) => code(fill(alias))).join(', ');
  const also =
    aliasesIf === undefined ? `Also as ${names}.` : `Also as ${names} when ${code(aliasesIf)} is true.`;
  return [
    ...(onlyIf === undefined ? [] : [`Only when ${code(onlyIf)} is true.`]),
    ...(aliases.length === 0 ? [] : [also]),
  ];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) || text === '' ? text : `${text}.`);
