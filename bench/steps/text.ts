/**
 * `npm run bench:text`: what does our way from samples to the bytes of an answer cost, beside prom-client's registry?
 */
import { Gauge, Registry } from 'prom-client';
import { plainBytes } from '../../src/exposition/encoded.ts';
import { ProbeRegistry } from '../../src/exposition/probe-registry.ts';
import { type Filled, Samples } from '../../src/exposition/samples.ts';
import type { ProbeAnswer } from '../../src/probe/prober.ts';
import { compareCpu, comparedTable } from './cpu-turns.ts';
import { realAnswers } from './real-answers.ts';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What prom-client is given: everything that depends on the configuration alone is worked out before. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly samples: readonly Sample[];
}

function filledOf({ snapshot }: ProbeAnswer): readonly Filled[] {
  return [...snapshot.outcomes.values()].flatMap((outcome) => (outcome.ok ? outcome.samples.filled : []));
}

/** Labels as they stand between the braces; none of a layout has a quote in its value. */
const labelsOf = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );

function describe(filled: readonly Filled[]): readonly Described[] {
  const families = new Map<string, { help: string; samples: Sample[] }>();
  for (const { layout, values } of filled) {
    for (const [i, { family, labels }] of layout.series.entries()) {
      const known = families.get(family.name) ?? { help: family.help, samples: [] };
      families.set(family.name, known);
      known.samples.push({ labels: labelsOf(labels), value: values[i] ?? 0 });
    }
  }
  return [...families].map(([name, { help, samples }]) => ({
    ...{ name, help, samples },
    labelNames: Object.keys(samples[0]?.labels ?? {}),
  }));
}

const { about, answers } = await realAnswers();
const filled = answers.map(filledOf);
const described = filled.map(describe);
const series = described[0]?.reduce((sum, { samples }) => sum + samples.length, 0) ?? 0;
if (series < 500) throw new Error(`the answers have ${series} series of layouts only`);

function fill(n: number): Buffer {
  const samples = new Samples();
  for (const { layout, values } of filled[n % filled.length] ?? []) samples.fill(layout, values);
  return bytesOf(samples);
}

/** As a query's rows become text whose keys are not known: sample by sample. */
function sample(n: number): Buffer {
  const samples = new Samples();
  for (const { layout, values } of filled[n % filled.length] ?? [])
    for (let i = 0; i < values.length; i++) {
      const { family, labels } = layout.series[i]!;
      samples.sample(family, labels, values[i]!);
    }
  return bytesOf(samples);
}

function bytesOf(samples: Samples): Buffer {
  const registry = new ProbeRegistry();
  registry.add(samples);
  return plainBytes(registry.encode());
}

async function promClient(n: number): Promise<Buffer> {
  const registry = new Registry();
  for (const { help, labelNames, name, samples } of described[n % described.length] ?? []) {
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of samples) gauge.set(labels, value);
  }
  return Buffer.from(await registry.metrics());
}

/** prom-client knows no untyped, and puts an empty line between families. */
const linesOf = (bytes: Buffer) =>
  bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# TYPE '))
    .sort()
    .join('\n');
for (const ours of [fill(0), sample(0)])
  if (linesOf(ours) !== linesOf(await promClient(0))) throw new Error('the two say different things');

process.stdout.write(`${about}; ${series} series of the default query sets\n`);
for (const [what, ours] of Object.entries({ 'keys that are known': fill, 'sample by sample': sample }))
  process.stdout.write(`\n${what}:\n\n${comparedTable(await compareCpu(ours, promClient), 'prom-client')}\n`);
