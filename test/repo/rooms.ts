/**
 * The rooms of src, their parts, and the arrows between them: what ARCHITECTURE.md draws and the architecture test
 * holds the imports against.
 */

/** A room that has parts says for each folder and file in it which others in it that one may import. */
export interface Room {
  /** Other rooms; a file beside the rooms is a room named after it. */
  readonly mayImport: readonly string[];
  readonly parts?: Readonly<Record<string, readonly string[]>>;
}

export const ROOMS: Readonly<Record<string, Room>> = {
  'cli.ts': { mayImport: ['commands'] },
  commands: {
    mayImport: [
      ...['http', 'probe', 'query-set', 'mysql', 'exposition', 'telemetry', 'convert', 'config', 'settings'],
      ...['aws', 'grants', 'history', 'diagnostics', 'model', 'deadline.ts', 'package.ts', 'visible-text.ts'],
    ],
    parts: {
      'command-line.ts': [
        'serve',
        'probe',
        'check',
        'config.ts',
        'grants',
        'sd.ts',
        'schema.ts',
        'convert.ts',
        'rds-token.ts',
        'healthcheck',
        'frame.ts',
        'hangup.ts',
        'names.ts',
      ],
      serve: [
        ...['options', 'program.ts', 'read-config.ts', 'hangup.ts', 'start-up-report.ts', 'unknown-name.ts'],
      ],
      probe: [
        ...['options', 'program.ts', 'read-config.ts', 'query-capture.ts', 'start-up-report.ts'],
        ...['text-table.ts', 'unknown-name.ts', 'printable.ts'],
      ],
      check: [
        ...['options', 'program.ts', 'read-config.ts', 'query-capture.ts', 'start-up-report.ts'],
        ...['text-table.ts', 'unknown-name.ts', 'printable.ts'],
      ],
      grants: ['options', 'read-config.ts', 'unknown-name.ts', 'printable.ts'],
      'config.ts': ['options', 'read-config.ts', 'unknown-name.ts', 'printable.ts'],
      'sd.ts': ['options', 'read-config.ts', 'unknown-name.ts', 'printable.ts'],
      'schema.ts': ['printable.ts'],
      'convert.ts': ['printable.ts'],
      'rds-token.ts': ['printable.ts'],
      healthcheck: ['serve', 'frame.ts', 'printable.ts'],
      'frame.ts': ['printable.ts', 'start-up-report.ts'],
      options: ['read-config.ts', 'start-up-report.ts'],
      'program.ts': [],
      'read-config.ts': ['start-up-report.ts'],
      'names.ts': [],
      'start-up-report.ts': ['printable.ts'],
      'query-capture.ts': [],
      'text-table.ts': [],
      'unknown-name.ts': ['names.ts', 'start-up-report.ts'],
      'printable.ts': [],
      'no-inspector.ts': [],
      'hangup.ts': [],
    },
  },
  http: {
    mayImport: [
      ...['status', 'settings', 'probe', 'history', 'mysql', 'exposition', 'telemetry', 'diagnostics'],
      ...['model', 'deadline.ts', 'visible-text.ts'],
    ],
    parts: {
      'server.ts': [
        ...['port', 'clients.ts', 'routes.ts', 'routing.ts', 'route.ts', 'scrape-answer.ts'],
        ...['exporter-address.ts', 'no-route.ts', 'plain-text.ts', 'refused-requests.ts'],
        'client-address.ts',
      ],
      port: [],
      'clients.ts': ['client.ts', 'http2.ts', 'requests-ahead.ts'],
      'requests-ahead.ts': [],
      'client.ts': [],
      'http2.ts': [],
      'routes.ts': ['routes', 'route.ts'],
      routes: [
        ...['route.ts', 'probe-request.ts', 'url-parameters.ts', 'discovery.ts', 'exporter-address.ts'],
        ...['no-route.ts', 'plain-text.ts', 'client-address.ts', 'pages', 'status-request.ts'],
      ],
      pages: [],
      'client-address.ts': [],
      'status-request.ts': ['route.ts', 'url-parameters.ts'],
      'discovery.ts': ['exporter-address.ts'],
      'exporter-address.ts': [],
      'routing.ts': ['route.ts', 'no-route.ts'],
      'route.ts': ['scrape-answer.ts'],
      'scrape-answer.ts': ['plain-text.ts'],
      'no-route.ts': ['plain-text.ts'],
      'probe-request.ts': ['url-parameters.ts'],
      'refused-requests.ts': [],
      'url-parameters.ts': [],
      'plain-text.ts': [],
    },
  },
  status: { mayImport: ['settings', 'probe', 'history', 'mysql', 'model'] },
  history: { mayImport: ['model', 'visible-text.ts'] },
  probe: {
    mayImport: [
      'history',
      'visible-text.ts',
      'query-set',
      'mysql',
      'exposition',
      'telemetry',
      'grants',
      'model',
      'deadline.ts',
      'trace.ts',
      'turns.ts',
    ],
  },
  'query-set': {
    mayImport: ['pattern', 'sql', 'model'],
    parts: {
      'compile.ts': [
        ...['rows', 'pivot', 'compiled.ts', 'family-table.ts', 'requirement.ts', 'series-limit.ts'],
        'switches.ts',
      ],
      rows: ['cells', 'compiled.ts'],
      pivot: ['cells', 'compiled.ts', 'family-table.ts'],
      cells: ['compiled.ts'],
      'family-table.ts': [],
      'params.ts': ['compiled.ts'],
      'settings.ts': ['compiled.ts'],
      'series-limit.ts': ['compiled.ts'],
      'switches.ts': [],
      'compiled.ts': [],
      'requirement.ts': [],
    },
  },
  mysql: {
    mayImport: ['sql', 'model', 'deadline.ts', 'trace.ts', 'turns.ts', 'visible-text.ts'],
    parts: {
      pool: ['connect', 'password-command', 'protocol', 'failure.ts'],
      'facts.ts': ['connect', 'failure.ts'],
      connect: ['password-command', 'protocol', 'failure.ts'],
      'password-command': ['failure.ts'],
      protocol: ['failure.ts'],
      'failure.ts': [],
    },
  },
  exposition: {
    mayImport: ['model'],
    parts: {
      'probe-registry.ts': ['encoded.ts', 'label-names.ts', 'layout-text.ts', 'samples.ts'],
      'label-names.ts': [],
      'encoded.ts': ['gzip', 'small-layouts.ts', 'layout-text.ts', 'samples.ts'],
      'small-layouts.ts': ['samples.ts'],
      gzip: ['layout-text.ts', 'samples.ts', 'number-text.ts'],
      'layout-text.ts': ['samples.ts', 'number-text.ts'],
      'samples.ts': ['recurring.ts', 'number-text.ts'],
      'recurring.ts': [],
      'number-text.ts': [],
    },
  },
  telemetry: { mayImport: ['visible-text.ts'] },
  convert: { mayImport: ['config', 'diagnostics', 'model', 'visible-text.ts'] },
  config: {
    mayImport: ['grants', 'pattern', 'sql', 'diagnostics', 'model', 'package.ts'],
    parts: {
      'load.ts': ['query-files.ts', 'compat', 'targets-file', 'query-file', 'check', 'yaml'],
      'query-files.ts': [...['prepared-library.ts', 'compat', 'targets-file', 'query-file', 'check', 'yaml']],
      'prepared-library.ts': ['query-file'],
      'json-schema.ts': ['targets-file', 'query-file'],
      'web-file': ['check', 'yaml'],
      compat: ['targets-file', 'query-file', 'dsn', 'check', 'yaml'],
      'targets-file': ['query-file', 'dsn', 'check'],
      'query-file': ['check'],
      dsn: ['check'],
      check: [],
      yaml: [],
    },
  },
  settings: {
    mayImport: ['model', 'visible-text.ts'],
    parts: {
      'settings-text.ts': ['target-settings.ts', 'login.ts', 'origin.ts', 'setting.ts'],
      'target-settings.ts': ['login.ts', 'origin.ts', 'setting.ts'],
      'login.ts': ['origin.ts', 'setting.ts'],
      'setting.ts': ['origin.ts'],
      'origin.ts': [],
    },
  },
  grants: { mayImport: ['sql', 'model'] },
  pattern: {
    mayImport: ['diagnostics'],
    parts: {
      'pattern.ts': ['effort.ts', 're2-text.ts', 'syntax.ts'],
      'effort.ts': ['automaton.ts', 'syntax.ts', 'letters.ts'],
      'automaton.ts': ['syntax.ts', 'letters.ts'],
      're2-text.ts': ['syntax.ts', 'letters.ts'],
      'syntax.ts': ['syntax-letters.ts', 'reader.ts', 'letters.ts'],
      'syntax-letters.ts': ['reader.ts', 'letters.ts'],
      'reader.ts': [],
      'letters.ts': [],
    },
  },
  sql: { mayImport: ['diagnostics'] },
  aws: {
    mayImport: [],
    parts: { 'aws-credentials.ts': ['rds-token.ts'], 'rds-token.ts': [], 'region.ts': [] },
  },
  diagnostics: { mayImport: [] },
  model: { mayImport: [] },
  'deadline.ts': { mayImport: [] },
  'trace.ts': { mayImport: ['visible-text.ts'] },
  'visible-text.ts': { mayImport: [] },
  'turns.ts': { mayImport: [] },
  'package.ts': { mayImport: [] },
};

/** Packages, and the rooms or parts that alone know them. */
export const OWNED: Readonly<Record<string, readonly string[]>> = {
  mysql2: ['mysql/connect'],
  '@noble': ['mysql/connect'],
  'prom-client': ['exposition', 'telemetry'],
  fastify: ['http'],
  yaml: ['config/yaml', 'convert', 'settings/settings-text.ts'],
  zod: [
    'config/check',
    'config/targets-file',
    'config/query-file',
    'config/web-file',
    'config/json-schema.ts',
  ],
  commander: ['commands'],
  'p-limit': ['mysql/connect', 'mysql/password-command', 'probe', 'commands/check'],
  re2js: ['pattern/pattern.ts'],
  tinyglobby: ['config/query-files.ts'],
  bcryptjs: ['http/port'],
};

/** Above this many files a folder has more than one subject. */
export const FILES_IN_A_FOLDER = 20;
