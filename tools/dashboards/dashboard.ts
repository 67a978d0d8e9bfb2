/**
 * A dashboard as Grafana 10 and 11 store it: rows of panels put in their places, and the variables that choose the
 * data source and the servers.
 */
import type { Panel } from './panel.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Closed at first: Grafana asks nothing for it until it is opened. */
  readonly closed?: true;
}

export interface Dashboard {
  /** Part of the address and of the file's name: it must stay. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whether one server is shown or all that are chosen. */
  readonly shows: 'one' | 'many';
  readonly rows: readonly Row[];
}

/** Grafana 10.4 and 11.0; older and newer ones convert it. */
const SCHEMA_VERSION = 39;
const TAG = 'mysql-query-exporter';
const COLUMNS = 24;

export const uidOf = (name: string) => `mysql-query-exporter-${name}`;

/** Selects the server of a dashboard that shows one, by the labels that upstream's dashboards filter on. */
export const ONE = 'job=~"$job", instance="$instance"';

/** Selects the servers of a dashboard that shows many. */
export const MANY = 'job=~"$job", instance=~"$instance"';

export function dashboardJson({ name, title, description, shows, rows }: Dashboard): string {
  const model = {
    uid: uidOf(name),
    title,
    description,
    tags: ['mysql', TAG],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    links: [
      {
        type: 'dashboards',
        title: 'MySQL',
        tags: [TAG],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    annotations: { list: [] },
    templating: { list: variables(shows) },
    panels: place(rows),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

/** From left to right, and on below; a closed row holds its panels itself. */
function place(rows: readonly Row[]): readonly unknown[] {
  let id = 0;
  let y = 0;
  return rows.flatMap(({ title, closed = false, panels }): readonly object[] => {
    const header = {
      id: ++id,
      type: 'row',
      title,
      collapsed: closed,
      gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 },
    };
    let x = 0;
    let lineHeight = 0;
    const placed = panels.map(({ width, height, ...panel }) => {
      if (x + width > COLUMNS) {
        y += lineHeight;
        x = 0;
        lineHeight = 0;
      }
      const gridPos = { x, y, w: width, h: height };
      x += width;
      lineHeight = Math.max(lineHeight, height);
      return { id: ++id, ...panel, gridPos };
    });
    y += lineHeight;
    return closed ? [{ ...header, panels: placed }] : [{ ...header, panels: [] }, ...placed];
  });
}

function variables(shows: Dashboard['shows']): readonly unknown[] {
  return [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      current: {},
      hide: 0,
      includeAll: false,
      multi: false,
      options: [],
      refresh: 1,
      regex: '',
      skipUrlSync: false,
    },
    chooser('job', 'Job', 'label_values(mysql_up, job)', true),
    chooser('instance', 'Server', 'label_values(mysql_up{job=~"$job"}, instance)', shows === 'many'),
  ];
}

function chooser(name: string, label: string, query: string, several: boolean) {
  return {
    name,
    label,
    type: 'query',
    datasource: { type: 'prometheus', uid: '${datasource}' },
    definition: query,
    query: { query, refId: 'StandardVariableQuery' },
    current: several ? { selected: true, text: ['All'], value: ['$__all'] } : {},
    hide: 0,
    includeAll: several,
    ...(several ? { allValue: '.+' } : {}),
    multi: several,
    options: [],
    refresh: 2,
    regex: '',
    skipUrlSync: false,
    sort: 1,
  };
}
