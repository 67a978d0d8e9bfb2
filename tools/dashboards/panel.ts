/**
 * The three kinds of panels that our dashboards are made of, as Grafana stores them; where they stand is in dashboard.ts.
 *
 * Only what Grafana brings along: no plugins.
 */
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** Units by the names that Grafana gives them. */
type Unit = 'short' | 'ops' | 's' | 'bytes' | 'Bps' | 'percentunit' | 'none' | 'dtdurations';

export interface Panel {
  readonly title: string;
  readonly type: 'timeseries' | 'stat' | 'table';
  readonly width: number;
  readonly height: number;
  readonly [key: string]: unknown;
}

interface Looks {
  readonly description?: string;
  /** Of the 24 columns of a dashboard. */
  readonly width?: number;
}

interface GraphLooks extends Looks {
  readonly stacked?: boolean;
  readonly max?: number;
}

/** Lines over time; `queries` by their legend, where `{{label}}` stands for its value. */
export function graph(
  title: string,
  unit: Unit,
  queries: Readonly<Record<string, string>>,
  { description, width = 8, stacked = false, max }: GraphLooks = {},
): Panel {
  return {
    ...base(title, 'timeseries', description, { width, height: 7 }),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(max === undefined ? {} : { max }),
        color: { mode: 'palette-classic' },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: stacked ? 30 : 5,
          showPoints: 'never',
          spanNulls: false,
          stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
        },
      },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: Object.entries(queries).map(([legendFormat, expr], i) => ({
      ...target(i, expr),
      range: true,
      legendFormat,
    })),
  };
}

interface StatLooks extends Looks {
  /** The values from which on it is yellow and red; downwards when the second is the smaller one. */
  readonly limits?: readonly [yellow: number, red: number];
  /** Texts instead of values. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly legend?: string;
}

/** One number, or one for each series. */
export function stat(
  title: string,
  unit: Unit,
  expr: string,
  { description, width = 4, limits, texts = {}, legend = '' }: StatLooks = {},
): Panel {
  const mappings = Object.entries(texts).map(([value, text], index) => ({
    type: 'value',
    options: { [value]: { text, index } },
  }));
  return {
    ...base(title, 'stat', description, { width, height: 4 }),
    fieldConfig: {
      defaults: { unit, mappings, color: { mode: 'thresholds' }, thresholds: thresholds(limits) },
      overrides: [],
    },
    options: {
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: legend === '' ? 'value' : 'value_and_name',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
    targets: [{ ...target(0, expr), instant: true, range: false, legendFormat: legend }],
  };
}

export interface Column {
  readonly expr: string;
  readonly unit?: Unit;
  readonly texts?: Readonly<Record<string, string>>;
}

interface TableLooks extends Looks {
  /** The label column, by the address that it leads to. */
  readonly links?: Readonly<Record<string, string>>;
}

/** A row for each set of `labels`, a column for each label and each query, sorted by the first query. */
export function table(
  title: string,
  labels: readonly string[],
  columns: Readonly<Record<string, Column>>,
  { description, width = 24, links = {} }: TableLooks = {},
): Panel {
  const names = Object.keys(columns);
  const by = labels.join(', ');
  const refs = names.map((name, i) => [name, refId(i)] as const);
  // A single query has its values in "Value", several in "Value #A" and so on.
  const valueColumn = (ref: string) => (names.length === 1 ? 'Value' : `Value #${ref}`);
  return {
    ...base(title, 'table', description, { width, height: 9 }),
    fieldConfig: {
      defaults: { unit: 'short', custom: { align: 'auto', filterable: true } },
      overrides: [
        ...refs.map(([name]) => override(name, columns[name])),
        ...Object.entries(links).map(([label, url]) => ({
          matcher: { id: 'byName', options: label },
          properties: [{ id: 'links', value: [{ title: 'Open', url }] }],
        })),
      ],
    },
    options: { showHeader: true, cellHeight: 'sm', sortBy: [{ displayName: names[0], desc: true }] },
    targets: refs.map(([name, ref], i) => ({
      ...target(i, `max by (${by}) (${columns[name]?.expr})`),
      refId: ref,
      instant: true,
      range: false,
      format: 'table',
    })),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: Object.fromEntries(refs.map(([name, ref]) => [valueColumn(ref), name])),
          indexByName: Object.fromEntries(
            [...labels, ...refs.map(([, ref]) => valueColumn(ref))].map((key, i) => [key, i]),
          ),
        },
      },
    ],
  };
}

function override(name: string, { unit = 'short', texts = {} }: Partial<Column> = {}) {
  const mappings = Object.entries(texts).map(([value, text], index) => ({
    type: 'value',
    options: { [value]: { text, index } },
  }));
  return {
    matcher: { id: 'byName', options: name },
    properties: [
      { id: 'unit', value: unit },
      { id: 'mappings', value: mappings },
    ],
  };
}

function base(
  title: string,
  type: Panel['type'],
  description: string | undefined,
  size: { width: number; height: number },
) {
  return {
    title,
    type,
    ...(description === undefined ? {} : { description }),
    datasource: DATASOURCE,
    ...size,
  };
}

const refId = (i: number) => String.fromCharCode('A'.charCodeAt(0) + i);

const target = (i: number, expr: string) => ({
  refId: refId(i),
  datasource: DATASOURCE,
  editorMode: 'code',
  expr,
});

function thresholds(limits: StatLooks['limits']) {
  return { mode: 'absolute', steps: limits === undefined ? [{ color: 'text', value: null }] : steps(limits) };
}

function steps([yellow, red]: readonly [number, number]) {
  const [first, last] = yellow <= red ? ['green', 'red'] : ['red', 'green'];
  const between = yellow === red ? [] : [{ color: 'yellow', value: Math.min(yellow, red) }];
  return [{ color: first, value: null }, ...between, { color: last, value: Math.max(yellow, red) }];
}
