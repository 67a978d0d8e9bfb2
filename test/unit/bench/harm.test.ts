/** `npm run harm` without servers: what it is asked, in which order everybody has a turn, and when a line is met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medianBounds, orderOf, type Phase, SIDES, type Turn, verdicts } from '../../../bench/harm/lines.ts';
import { type HarmOptions, readHarmOptions } from '../../../bench/harm/options.ts';
import { type Harm, harmReport, renderHarm, renderHarmMarkdown } from '../../../bench/harm/report.ts';
import { UsageError } from '../../../bench/options.ts';

const BY_ITSELF: HarmOptions = {
  ...{ servers: ['mysql', 'mariadb'], sets: 'default', interval: 1, seconds: 5, turns: 20, connections: 4 },
  ...{ quick: false, markdown: false, json: undefined },
};

const good: readonly (readonly [line: string, changes: Partial<HarmOptions>])[] = [
  ['', {}],
  ['--sets library', { sets: 'library', interval: 15, seconds: 15 }],
  ['--sets library --interval 2', { sets: 'library', interval: 2 }],
  ['--quick', { quick: true, seconds: 1, turns: 2 }],
  [
    '--servers mariadb --seconds 3 --turns 7 --connections 8',
    { servers: ['mariadb'], seconds: 3, turns: 7, connections: 8 },
  ],
  ['--markdown --json out.json', { markdown: true, json: 'out.json' }],
];
for (const [line, changes] of good)
  test(`harm ${line}`, () =>
    assert.deepEqual(readHarmOptions(line.split(' ').filter(Boolean)), { ...BY_ITSELF, ...changes }));

test('harm --help', () => assert.equal(readHarmOptions(['--help']), undefined));

const wrong: readonly (readonly [line: string, message: string])[] = [
  ['--sets all', '--sets knows default, library, not all'],
  ['--sets default,library', '--sets is default or library'],
  ['--servers none', '--servers needs a name'],
  ['--interval 5 --seconds 4', '--seconds is below --interval'],
  ['--turns 0', '--turns takes a whole number from 1 to 200'],
];
for (const [line, message] of wrong)
  test(`harm ${line} is refused`, () =>
    assert.throws(() => readHarmOptions(line.split(' ')), new UsageError(message)));

test('everybody has a phase in each turn, and each place in six turns equally often', () => {
  const places = new Map<string, number>();
  for (let turn = 0; turn < 6; turn++) {
    assert.deepEqual(new Set(orderOf(turn)), new Set(SIDES));
    for (const [place, side] of orderOf(turn).entries())
      places.set(`${side} ${place}`, (places.get(`${side} ${place}`) ?? 0) + 1);
  }
  assert.deepEqual(
    [...places.values()],
    Array.from({ length: 9 }, () => 2),
  );
  assert.deepEqual(orderOf(6), orderOf(0));
});

test('the bounds of a median', () => {
  assert.deepEqual(medianBounds([2, 1]), { from: 1, to: 2 });
  // Of 20 values the 6th and the 15th, as tables of the sign test have it.
  assert.deepEqual(medianBounds(Array.from({ length: 20 }, (_, i) => 20 - i)), { from: 6, to: 15 });
});

const phase = (perSecond: number, p99Ms: number, probes = 5): Phase => ({
  ...{ transactions: perSecond * 5, perSecond, p50Ms: 2, p99Ms, serverCpuMs: 1, probes },
  probeMs: probes === 0 ? Number.NaN : 4,
});
const turn = (ours: Phase, theirs: Phase): Turn => ({
  without: phase(1000, 10, 0),
  exporter: ours,
  mysqld_exporter: theirs,
});

test('a line is met by the median of the ratios of single turns', () => {
  const turns = [
    turn(phase(996, 10), phase(990, 11)),
    turn(phase(500, 40), phase(400, 41)), // somebody else had the machine
    turn(phase(997, 10.1), phase(998, 10)),
  ];
  assert.deepEqual(
    verdicts(turns).map(({ measured, met }) => [Number(measured.toFixed(3)), met]),
    [
      [0.996, true],
      [1.01, true],
      [1.006, true],
      [0.976, true],
    ],
  );
  const worse = verdicts([turn(phase(994, 10.3), phase(995, 10.2))]);
  assert.deepEqual(
    worse.map(({ met }) => met),
    [false, false, false, false],
  );
});

test('the report names what was measured, and no machine', () => {
  const harm: Harm = {
    flavour: 'mysql',
    ...{ version: '9.7', upstreamVersion: '0.19.0', sets: ['a', 'b'], collectors: ['a'] },
    ...{ queries: 3, turns: [turn(phase(996, 10), phase(990, 11))] },
  };
  const report = harmReport({ ...BY_ITSELF, json: '/somewhere' }, [harm]);
  assert.ok(!JSON.stringify(report).includes('/somewhere'));
  const text = renderHarm(report);
  assert.match(text, /^MySQL 9\.7; mysqld_exporter 0\.19\.0, .* the default sets every 1 s, 4 connections/);
  assert.match(text, /^MySQL: transactions per second with probes \/ without +>= 0\.995 +0\.996 .* yes$/m);
  assert.match(text, /^transactions per second +1000\.0 +996\.0 +990\.0$/m);
  assert.match(text, /^probes in a phase +5 +5$/m);
  assert.match(
    renderHarmMarkdown(report),
    /^\| MySQL: p99 of a transaction with probes \/ without \| <= 1\.020 \| 1\.000 \| 1\.000 \| 1\.000 \| yes \|$/m,
  );
});
