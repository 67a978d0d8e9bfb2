/** The rules of deploy/prometheus as the one object that Prometheus Operator takes. */
import { readdir, readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import * as z from 'zod';

const RULES = new URL('../../deploy/prometheus/rules/', import.meta.url);

/** Where it is written. */
export const PROMETHEUS_RULE = new URL(
  '../../deploy/kubernetes/operator/prometheus-rule.yaml',
  import.meta.url,
);

const HEAD = '# Made by `npm run kubernetes` from deploy/prometheus/rules: change those.\n';

/** A rule is passed on as it is: promtool judges it, and the schema of the object. */
const rulesSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.record(z.string(), z.unknown())) })),
});

/** The text as it should be now. */
export async function prometheusRule(): Promise<string> {
  const files = (await readdir(RULES)).filter((name) => name.endsWith('.yml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, RULES), 'utf8')));
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'mysql-query-exporter', labels: { 'app.kubernetes.io/name': 'mysql-query-exporter' } },
    spec: { groups: texts.flatMap((text) => rulesSchema.parse(parse(text)).groups) },
  };
  // Kubernetes reads YAML 1.1, where more words are no text unless they are quoted.
  return HEAD + stringify(rule, { version: '1.1', lineWidth: 0 });
}
