/** Whatever text is put into HTML, it stays text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html, lines, trusted, urlPart } from '../../../../src/http/pages/html.ts';

const text = fc.string({ unit: 'binary', maxLength: 700 });

test('no text brings markup, or a character that is not seen', () => {
  fc.assert(
    fc.property(text, (any) => {
      for (const { html: shown } of [html`${any}`, html`${[any, any]}`, lines(any)]) {
        assert.doesNotMatch(shown, /[<>"']/);
        assert.doesNotMatch(shown, /&(?!amp;|lt;|gt;|quot;|#39;)/);
        assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }
      assert.doesNotMatch(html`${any}`.html, /\n/);
    }),
  );
});

test('an attribute holds it', () => {
  assert.equal(html`<a title="${'" onclick="x'}">`.html, '<a title="&quot; onclick=&quot;x">');
});

test('what is HTML stays HTML, and what there is not is nothing', () => {
  const rows = [1, 2].map((row) => html`<td>${row}</td>`);
  assert.equal(
    html`<tr>${rows}</tr>${undefined}${trusted('<hr>')}`.html,
    '<tr><td>1</td><td>2</td></tr><hr>',
  );
});

test('long texts are cut with a mark, and lines keep theirs', () => {
  assert.match(html`${'x'.repeat(10_000)}`.html, /^x{500}\.\.\.$/);
  assert.match(lines('x'.repeat(100_000)).html, /^x{20000}\.\.\.$/);
  assert.equal(lines('SELECT 1\n  FROM <t>\t').html, 'SELECT 1\n  FROM &lt;t&gt;\\u{9}');
});

test('a name stays whole in an address, whatever is in it', () => {
  fc.assert(
    fc.property(text, (name) => {
      const { html: part } = urlPart(name);
      assert.match(part, /^[\w.!~*()%&#;-]*$/);
      assert.equal(decodeURIComponent(part.replaceAll('&#39;', "'")), name.toWellFormed());
    }),
  );
});
