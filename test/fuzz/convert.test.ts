/** Whatever is converted loads, and keeps its secrets. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { load } from '../support/config-folder.ts';
import { convert, loadErrors } from '../support/converting.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a',
    'b',
    'x-1',
    '$$',
    '${X}',
    'true',
    '1',
    '# c',
    'a: b',
    '__proto__',
    '<<',
    'le',
    ' a\nb ',
  ),
);

const SECRET = 'hunter2-hunter2';

test('whatever is converted loads, and nothing that is said has the password', async () => {
  const metric = fc.record({
    type: fc.constant('gauge'),
    description: texts,
    labels: fc.array(texts),
    value: texts,
  });
  const dictionary = <T>(value: fc.Arbitrary<T>) =>
    fc.dictionary(fc.oneof(texts, fc.constantFrom('one', 'two', 'three')), value, { minKeys: 1, maxKeys: 3 });
  const sql = fc.constantFrom('SELECT 1 AS a', 'SELECT "a:\n\tb" AS c # d\n', 'SELECT 1 -- {{');
  const dsn = fc.constantFrom(
    `u:${SECRET}@tcp(h)/`,
    'tcp(h)/',
    `mysql://u:${SECRET}@h/`,
    `u:$\${${SECRET}@/`,
  );
  const queryExporter = fc.record({
    'd.yml': dictionary(dictionary(fc.record({ type: fc.constant('mysql'), dsn }))),
    'm.yml': dictionary(
      fc.record({
        targets: fc.array(fc.constantFrom('one', 'two'), { maxLength: 1 }),
        collects: fc.array(fc.record({ query: sql, metrics: dictionary(metric) }), {
          minLength: 1,
          maxLength: 2,
        }),
      }),
    ),
  });
  const simple = fc.record({
    'c.yml': fc.record({
      dsn,
      metrics: dictionary(fc.tuple(metric, sql).map(([one, query]) => ({ ...one, query }))),
    }),
  });
  const collector = fc.record({
    'a.yml': fc.record({
      collector_name: texts,
      metrics: fc.array(
        fc.record({
          metric_name: fc.oneof(texts, fc.constantFrom('one', 'two')),
          type: fc.constantFrom('gauge', 'Counter'),
          help: texts,
          key_labels: fc.array(texts, { maxLength: 2 }),
          values: fc.array(texts, { minLength: 1, maxLength: 1 }),
          query: sql,
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  });
  const percona = fc.record({
    'q.yml': dictionary(
      fc.record({
        query: sql,
        metrics: fc.array(
          dictionary(
            fc.record({
              usage: fc.constantFrom('LABEL', 'GAUGE', 'COUNTER', 'MAPPEDMETRIC', 'DURATION'),
              description: texts,
              metric_mapping: dictionary(fc.oneof(fc.double(), texts)),
            }),
          ),
          { maxLength: 3 },
        ),
      }),
    ),
  });
  let loaded = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(queryExporter, simple, collector, percona), async (input) => {
      // JSON is YAML.
      const converted = convert(
        Object.fromEntries(Object.entries(input).map(([name, file]) => [name, JSON.stringify(file)])),
      );
      assert.ok(!converted.said.join('\n').includes(SECRET));
      if (Object.keys(converted.files).length === 0) return;
      loaded++;
      assert.deepEqual(await loadErrors(converted), []);
    }),
    { numRuns: 600 },
  );
  assert.ok(loaded > 0);
});

test('passwords and users of .my.cnf arrive as they are', async () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => /^[^\p{C}\s`[#;!]+$/u.test(text) && !/\$\{\w+\}/.test(text));
  await fc.assert(
    fc.asyncProperty(word, word, async (user, password) => {
      const { files } = convert({
        '.my.cnf': `[client]\nuser=\`${user}\`\npassword=\`${password}\`\nhost=h\n`,
      });
      const { lines, result } = await load(files);
      assert.ok(result.ok, lines.join('\n'));
      const credentials = result.config.targets.get('h:3306')?.credentials;
      assert.equal(credentials?.user, user);
      assert.equal(
        credentials?.password.kind === 'text' ? credentials.password.secret.reveal() : undefined,
        password,
      );
    }),
  );
});
