/**
 * The one file of query-exporter-simple as files of ours.
 *
 * It is checked and understood by the reader that serves it unchanged; here is only how to write that down, with the
 * comments and the DSN as they stand in the source.
 */

import { fieldsOf, namesOf } from '../config/compat/fields.ts';
import { readSimple } from '../config/compat/simple.ts';
import { SERVER_KEYS } from '../config/compat/target.ts';
import type { DiagnosticList } from '../diagnostics/diagnostics.ts';
import { DEFAULT_NAMESPACE } from '../model/query-set.ts';
import { Comments } from './comments.ts';
import { checkPasswords, metricOf, queryOf, read, serverEntries } from './compat-text.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { queryFile, queryFileName } from './query-set-text.ts';
import { type Entry, yamlText } from './yaml-text.ts';

/** A target, and a query set. */
export function convertSimple(source: SourceText, found: DiagnosticList): readonly ConvertedFile[] {
  const yaml = read(source);
  const config = readSimple(yaml, found);
  if (config === undefined || found.hasErrors) return [];
  const [target] = config.targets.keys();
  const [set] = config.querySets.values();
  if (target === undefined || set === undefined) return [];
  const diagnostics = found.in(yaml);
  // What is wrong was reported by the reader.
  const fields = fieldsOf({ value: yaml.value, diagnostics: diagnostics.silent() }, [
    ...SERVER_KEYS,
    'metrics',
  ]);
  const metricPaths = namesOf(fields?.metrics).map(([, metric]) => metric.diagnostics.path);
  const dsnPath = fields?.dsn?.diagnostics.path ?? [];
  const comments = new Comments(source.text, '1.1').assignTo([dsnPath, ...metricPaths]);
  diagnostics
    .at(...(fields?.metrics?.diagnostics.path ?? []))
    .warn(`metrics: /metrics does not have them now: let Prometheus ask /probe?target=${target}`);
  const server = fields ?? {};
  checkPasswords([server], diagnostics.at(...dsnPath));
  const queries = set.queries.map((query, i) => ({
    ...queryOf(query, comments.of(metricPaths[i] ?? [])),
    metrics: query.metrics.map((metric) => metricOf(metric)),
  }));
  const own: readonly Entry[] = [
    ...serverEntries(server),
    { key: 'query_sets', value: { list: [set.name] } },
  ];
  const targets: readonly Entry[] = [
    { key: 'query_files', value: { list: [queryFileName(set.name)] } },
    { key: 'targets', value: [{ key: target, comment: comments.of(dsnPath), value: own }] },
  ];
  return [
    { name: 'targets.yml', text: yamlText(targets, comments.of([])) },
    queryFile({ name: set.name, comment: undefined, namespace: DEFAULT_NAMESPACE, queries }),
  ];
}
