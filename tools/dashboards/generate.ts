/**
 * `npm run dashboards`: writes deploy/grafana/dashboards anew from their definitions.
 */
import { writeFile } from 'node:fs/promises';
import { DASHBOARDS, fileOf } from './all.ts';
import { dashboardJson } from './dashboard.ts';

for (const dashboard of DASHBOARDS) await writeFile(fileOf(dashboard), dashboardJson(dashboard));
