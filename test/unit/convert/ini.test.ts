/** Values of option files: whatever they hold arrives, and `#` and `;` are a part of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Option, readIni } from '../../../src/convert/ini.ts';
import { DiagnosticList } from '../../../src/diagnostics/diagnostics.ts';

function read(line: string): { readonly option: Option | undefined; readonly problems: number } {
  const found = new DiagnosticList();
  const [section] = readIni({ file: '.my.cnf', text: `[client]\n${line}\nlast = 1\n` }, found);
  return { option: section?.options.get('password'), problems: found.all.length };
}

/** One line without spaces around it; comment signs, quotes and delimiters come often. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom('#', ';', ' ', ' #', '"', "'", '`', '\\', '=', ':', '[', ']', '\\"'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) =>
    parts
      .join('')
      .replaceAll(/[\n\r\v\f\u2028\u2029]/g, '')
      .trim(),
  )
  .filter((text) => text !== '');

test('without quotes a value is all that stands behind the sign', () => {
  const plain = texts.filter((text) => !/^["`]|^'.*'$|\\$/.test(text));
  fc.assert(
    fc.property(plain, fc.constantFrom('=', ' = ', ':', ' : '), (text, sign) => {
      const { option, problems } = read(`password${sign}${text}`);
      assert.equal(option?.value, text);
      assert.equal(option?.hasComment, /\s[#;]/.test(text));
      assert.equal(problems, 0);
    }),
  );
});

test('in backticks and double quotes a value ends at the last quote', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom('', ' # "', ' tail'), (text, tail) => {
      const { option } = read(`password = \`${text}\`${tail}`);
      assert.equal(option?.value, text);
      const doubled = read(`password = "${text.replaceAll('"', '\\"')}"${tail.replace('"', '')}`);
      // Three quotes begin another kind of text.
      if (!text.startsWith('""')) assert.equal(doubled.option?.value, text);
    }),
  );
});

test('what would go on in the next line is a problem, and the next line is read', () => {
  for (const value of ['"a', '`a', 'a\\', '"""a"'])
    assert.equal(read(`password = ${value}`).problems, 1, value);
});
