/**
 * What is shipped under deploy/: rules, their tests and dashboards, and the families that an expression reads.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';

const PROMETHEUS = new URL('../../../deploy/prometheus/', import.meta.url);
const DASHBOARDS = new URL('../../../deploy/grafana/dashboards/', import.meta.url);

const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          record: z.string().optional(),
          alert: z.string().optional(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }).optional(),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }).optional(),
        }),
      ),
    }),
  ),
});

const testsSchema = z.object({
  rule_files: z.array(z.string()),
  tests: z.array(
    z.object({
      name: z.string(),
      promql_expr_test: z.array(z.object({ expr: z.string(), exp_samples: z.array(z.unknown()) })),
    }),
  ),
});

const dashboardSchema = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(z.lazy(() => panelSchema)),
});

const panelSchema = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  collapsed: z.boolean().optional(),
  targets: z.array(z.object({ refId: z.string(), expr: z.string() })).default([]),
  get panels() {
    return z.array(panelSchema).optional();
  },
});

export type Rule = z.infer<typeof rulesSchema>['groups'][number]['rules'][number];
export type GrafanaPanel = z.infer<typeof panelSchema>;

async function filesIn(folder: URL, suffix: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort();
  assert.ok(names.length > 0);
  return names.map((name) => fileURLToPath(new URL(name, folder)));
}

export const ruleFiles = () => filesIn(new URL('rules/', PROMETHEUS), '.yml');
export const ruleTestFiles = () => filesIn(new URL('tests/', PROMETHEUS), '.yml');
export const dashboardFiles = () => filesIn(DASHBOARDS, '.json');

export const readRuleText = (file: string) => readFile(file, 'utf8');

export async function readRules(file: string): Promise<readonly Rule[]> {
  const { groups } = rulesSchema.parse(parse(await readRuleText(file)));
  return groups.flatMap(({ rules }) => rules);
}

export async function allRules(): Promise<readonly Rule[]> {
  return (await Promise.all((await ruleFiles()).map(readRules))).flat();
}

export const readRuleTests = async (file: string) =>
  testsSchema.parse(parse(await readFile(file, 'utf8'))).tests;

export const readDashboard = async (file: string) =>
  dashboardSchema.parse(JSON.parse(await readFile(file, 'utf8')));

/** All panels that show something, those of closed rows too. */
export function panelsOf(dashboard: { readonly panels: readonly GrafanaPanel[] }): readonly GrafanaPanel[] {
  return dashboard.panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}

/** An expression as Prometheus takes it: for all servers, over a range of time. */
export function withoutVariables(expr: string, range = '1m'): string {
  return expr
    .replaceAll(/(\w+)=~?"\$(?:job|instance)"/g, '$1=~".+"')
    .replaceAll(/\$__(rate_interval|range)/g, range);
}

const WORDS = new Set(['and', 'or', 'unless', 'on', 'ignoring', 'by', 'without', 'group_left', 'offset']);

/** The names of families in an expression: what is neither a label, a function nor a word of the language. */
export function familiesIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(on|ignoring|by|without)\s*\([^)]*\)/g, '')
    .replaceAll(/\boffset \w+/g, '');
  const names = [...bare.matchAll(/(?<![\w:.])[a-z_][\w:]*(?!\w*\s*\()/gi)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !WORDS.has(name) && !/^e?\d/.test(name));
}
