/** All dashboards, and the files that they are written to. */
import type { Dashboard } from './dashboard.ts';
import { fleet } from './definitions/fleet.ts';
import { innodb } from './definitions/innodb.ts';
import { overview } from './definitions/overview.ts';
import { replication } from './definitions/replication.ts';
import { statements } from './definitions/statements.ts';
import { topology } from './definitions/topology.ts';

export const DASHBOARDS: readonly Dashboard[] = [fleet, overview, replication, topology, innodb, statements];

export const fileOf = ({ name }: Dashboard) =>
  new URL(`../../deploy/grafana/dashboards/mysql-${name}.json`, import.meta.url);
