/** The dashboards are those of their definitions, and Grafana and Prometheus can take them. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { removeFolder, temporaryFolder } from '../../../harness/children.ts';
import { DASHBOARDS, fileOf } from '../../../tools/dashboards/all.ts';
import { dashboardJson } from '../../../tools/dashboards/dashboard.ts';
import { dashboardFiles, panelsOf, readDashboard, withoutVariables } from './files.ts';
import { promtool } from './promtool.ts';

const dashboards = await Promise.all((await dashboardFiles()).map(readDashboard));

test('deploy/grafana/dashboards is fresh', async () => {
  assert.deepEqual(
    await dashboardFiles(),
    DASHBOARDS.map((dashboard) => fileURLToPath(fileOf(dashboard))).sort(),
  );
  for (const dashboard of DASHBOARDS) {
    const written = await readFile(fileOf(dashboard), 'utf8');
    assert.ok(written === dashboardJson(dashboard), `${dashboard.name} is stale: npm run dashboards`);
  }
});

for (const { title, schemaVersion, templating, ...dashboard } of dashboards) {
  const panels = panelsOf(dashboard);

  test(`${title}: nothing but what Grafana brings along`, () => {
    assert.equal(schemaVersion, 39);
    assert.deepEqual(
      templating.list.map(({ name, type }) => `${name}: ${type}`),
      ['datasource: datasource', 'job: query', 'instance: query'],
    );
    for (const { type } of panels) assert.ok(['timeseries', 'stat', 'table'].includes(type), type);
    const ids = [...dashboard.panels, ...panels.filter((panel) => !dashboard.panels.includes(panel))].map(
      ({ id }) => id,
    );
    assert.deepEqual(ids, [...new Set(ids)]);
  });

  test(`${title}: each panel has a place of its own`, () => {
    const taken = new Set<string>();
    const open = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
    for (const { title: name, gridPos, collapsed, type } of open) {
      if (type === 'row' && collapsed) continue;
      assert.ok(gridPos.x + gridPos.w <= 24, name);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!taken.has(`${x} ${y}`), `${name} covers another one`);
          taken.add(`${x} ${y}`);
        }
    }
  });

  test(`${title}: promtool takes each expression`, async (t) => {
    const folder = temporaryFolder('dashboards');
    t.after(() => removeFolder(folder));
    const rules = panels.flatMap(({ targets }, i) =>
      targets.map(({ expr, refId }) => ({ record: `panel:${i}:${refId}`, expr: withoutVariables(expr) })),
    );
    assert.ok(rules.length >= panels.length);
    for (const { expr } of rules) assert.doesNotMatch(expr, /\$/);
    const file = join(folder, 'rules.yml');
    await writeFile(file, stringify({ groups: [{ name: 'panels', rules }] }));
    await promtool('check', 'rules', '--lint=none', file);
  });
}
