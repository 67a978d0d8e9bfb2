/**
 * The text format read back, strictly: for tests that look at what Prometheus would see.
 */
import assert from 'node:assert/strict';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Parses an exposition; fails on a line that Prometheus would refuse, on a repeated series or a torn family. */
export function parseExposition(text: string): readonly Sample[] {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line has no line break');
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const closed = new Set<string>();
  let current = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^\n]*)\})? (\S+)$/.exec(line);
    const written = comment?.[2] ?? match?.[1];
    assert.ok(written !== undefined, `not a line of the text format: ${line}`);
    // The lines of a histogram or summary belong to the family without the suffix.
    const base = written.replace(/_(bucket|sum|count)$/, '');
    const name = match !== null && base === current ? base : written;
    if (name !== current) {
      assert.ok(!closed.has(name), `the lines of ${name} do not stand together`);
      closed.add(current);
      current = name;
      assert.equal(comment?.[1], 'HELP', `no HELP before ${line}`);
    }
    if (match === null) continue;
    const series = `${written}{${match[2] ?? ''}}`;
    assert.ok(!seen.has(series), `repeated series: ${series}`);
    seen.add(series);
    samples.push({ name: written, labels: parseLabels(match[2] ?? ''), value: parseValue(match[3] ?? '') });
  }
  return samples;
}

/** The value of the one series of a family with these labels; undefined when there is none. */
export function metricValue(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = parseExposition(text).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  assert.ok(found.length <= 1, `${found.length} series of ${name} ${JSON.stringify(labels)}`);
  return found[0]?.value;
}

/** The reasons of failed queries, as `set/query: reason`. */
export function errorsOf(text: string): readonly string[] {
  return parseExposition(text)
    .filter(({ name }) => name === 'query_exporter_query_error')
    .map(({ labels }) => `${labels['query_set']}/${labels['query']}: ${labels['reason']}`);
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    assert.ok(match !== null, `labels cannot be read: ${text}`);
    const [, name = '', value = ''] = match;
    assert.ok(!Object.hasOwn(labels, name), `label ${name} twice: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}

function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  const value = Number(text);
  assert.ok(text === 'NaN' || Number.isFinite(value), `not a value: ${text}`);
  return value;
}
