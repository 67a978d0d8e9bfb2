import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reloader } from '../../../../src/commands/serve/reload.ts';
import type { LoadResult } from '../../../../src/config/load.ts';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { inputOf } from '../../../../src/diagnostics/input.ts';
import { parsed } from '../../../../src/diagnostics/parsed.ts';
import type { Config } from '../../../../src/model/config.ts';
import { eventually } from '../../../support/eventually.ts';

const EMPTY: Config = {
  targets: new Map(),
  patterns: [],
  groups: [],
  querySets: new Map(),
  scrapes: new Map(),
  metricsTarget: undefined,
  origins: undefined,
};
const GOOD: LoadResult = { ok: true, config: EMPTY, warnings: [], inputs: [] };
const BAD: LoadResult = {
  ok: false,
  diagnostics: [{ severity: 'error', file: 't.yml', line: 2, column: 3, message: 'no such key' }],
  inputs: [],
};

interface Told {
  readonly swapped: Config[];
  readonly lines: string[];
  refused: number;
}

function reloaderOf(
  load: () => Promise<LoadResult>,
  inputs: LoadResult['inputs'] = [],
  ofWeb: readonly Diagnostic[] = [],
) {
  const told: Told = { swapped: [], lines: [], refused: 0 };
  const line = (msg: string) => {
    told.lines.push(msg);
  };
  const reloader = new Reloader({
    load,
    reloadWeb: async () => ofWeb,
    current: () => told.swapped.at(-1) ?? EMPTY,
    swap: (config) => told.swapped.push(config),
    noteRefused: () => told.refused++,
    log: { debug: line, info: line, warn: line, error: line },
    inputs,
  });
  return { reloader, told };
}

test('reloads never overlap, and whoever asks during one is answered by one that began later', async () => {
  let running = 0;
  let begun = 0;
  const { reloader } = reloaderOf(async () => {
    assert.equal(++running, 1);
    begun++;
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return GOOD;
  });
  const first = reloader.reload('http');
  const others = Array.from({ length: 20 }, () => reloader.reload('http'));
  await first;
  assert.equal(begun, 1);
  for (const { ok } of await Promise.all(others)) assert.equal(ok, true);
  assert.equal(begun, 2);
  await reloader.reload('SIGHUP');
  assert.equal(begun, 3);
});

test('a mistake keeps what is in use, and is told as check tells it', async () => {
  let next: LoadResult = BAD;
  const { reloader, told } = reloaderOf(async () => next);
  assert.deepEqual(await reloader.reload('http'), { ok: false, lines: ['t.yml:2:3: error: no such key'] });
  assert.deepEqual(told.swapped, []);
  assert.equal(told.refused, 1);
  assert.deepEqual(told.lines, ['no such key', 'configuration not reloaded, the one before it stays in use']);
  next = GOOD;
  assert.deepEqual(await reloader.reload('http'), { ok: true, lines: ['reloaded'] });
  assert.deepEqual(told.swapped, [EMPTY]);
});

test('a mistake in the web file keeps what is in use too', async () => {
  const wrong: Diagnostic = {
    severity: 'error',
    file: 'web.yml',
    line: 1,
    column: 1,
    message: 'no certificate',
  };
  const { reloader, told } = reloaderOf(async () => GOOD, [], [wrong]);
  assert.deepEqual(await reloader.reload('http'), {
    ok: false,
    lines: ['web.yml:1:1: error: no certificate'],
  });
  assert.deepEqual(told.swapped, []);
  assert.equal(told.refused, 1);
});

test('an exception while loading is answered, and the next reload is tried', async () => {
  let fails = true;
  const { reloader, told } = reloaderOf(async () => {
    if (fails) throw new Error('too many open files');
    return GOOD;
  });
  assert.equal((await reloader.reload('http')).ok, false);
  assert.equal(told.refused, 1);
  fails = false;
  assert.equal((await reloader.reload('http')).ok, true);
});

test('the watch reloads once for each change, also of what a broken configuration named', async () => {
  let content = 'one';
  let loads = 0;
  const input = () => inputOf(parsed(content), async () => parsed(content));
  const { reloader } = reloaderOf(async () => {
    loads++;
    return { ...BAD, inputs: [input()] };
  }, [input()]);
  const watching = reloader.watch(1);
  content = 'two';
  await eventually(() => assert.equal(loads, 1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(loads, 1);
  content = 'three';
  await eventually(() => assert.equal(loads, 2));
  reloader.end();
  await watching;
});

test('after its end no reload begins', async () => {
  const { reloader, told } = reloaderOf(async () => GOOD);
  reloader.end();
  assert.equal((await reloader.reload('SIGHUP')).ok, false);
  assert.deepEqual(told.swapped, []);
});
