/** The status pages as people use them, in a browser: with a mouse, with keys alone, narrow, dark, and without script. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, openPage, type PageOptions } from '../../../harness/browser/open-page.ts';
import { eventually } from '../../support/eventually.ts';
import { startPagesWorld } from './world.ts';

const world = await startPagesWorld();
const { exporter } = world;
after(async () => {
  await closeBrowser();
  await world[Symbol.asyncDispose]();
});
const ASKED = [
  'MySQL',
  'MariaDB',
  'slow-MySQL',
  'slow-MariaDB',
  'denied-MySQL',
  'denied-MariaDB',
  'dead',
  'odd',
];
// Twice: the first probe of a target takes longer, since it connects.
await world.probe(...ASKED, ...ASKED);

const WIDE: PageOptions = { width: 1280 };
const PATHS = [
  ...['/', '/target/MySQL', '/target/slow-MariaDB', '/target/denied-MySQL', '/target/dead', '/target/odd'],
  ...['/target/never-asked', '/target/switched-off', '/queries', '/fleet', '/config'],
];

for (const width of [1280, 390] as const)
  for (const scheme of ['light', 'dark'] as const)
    test(`nothing is wrong on any page, ${width} px, ${scheme}`, async () => {
      await using open = await openPage(exporter.url, { width, scheme });
      for (const path of PATHS) {
        await open.page.goto(path);
        assert.deepEqual(await open.seriousIssues(), [], path);
        const isTooWide = await open.page.evaluate('document.documentElement.scrollWidth > innerWidth');
        assert.equal(isTooWide, false, `${path} is wider than the window`);
      }
      assert.deepEqual(open.wrongs, []);
    });

test('each target has one line at 1280 px, and a card at 390 px', async () => {
  await using wide = await openPage(exporter.url, WIDE);
  await wide.page.goto('/');
  for (const row of await wide.page.locator('#targets tbody tr').all())
    assert.ok(((await row.boundingBox())?.height ?? 99) < 40, await row.innerText());
  await using narrow = await openPage(exporter.url, { width: 390 });
  await narrow.page.goto('/');
  const card = narrow.page.locator('#targets tbody tr', { hasText: 'slow-MySQL' });
  const state = await card.locator('td').first().boundingBox();
  const server = await card.locator('td').nth(1).boundingBox();
  assert.ok((server?.y ?? 0) > (state?.y ?? 0), 'cells of a card stand below each other');
});

const names = async (page: Awaited<ReturnType<typeof openPage>>['page']) =>
  await page.locator('#targets tbody th').allInnerTexts();

test('filter, only what is wrong, and order, without another page', async () => {
  await using open = await openPage(exporter.url, WIDE);
  const { page } = open;
  await page.goto('/');
  await page.evaluate('window.isTheSame = true');
  assert.equal((await names(page)).length, 10);
  await page.getByRole('searchbox').fill('region=eu shop');
  await eventually(async () => assert.deepEqual(await names(page), ['MySQL']));
  assert.match(page.url(), /\?q=region%3Deu\+shop$/);
  await page.getByRole('searchbox').fill('');
  await page.getByLabel('Only what is wrong').check();
  const wrong = [
    ...['dead', 'denied-MariaDB', 'denied-MySQL', 'MariaDB', 'MySQL', 'odd', 'slow-MariaDB', 'slow-MySQL'],
  ];
  await eventually(async () => assert.deepEqual((await names(page)).toSorted(ignoringCase), wrong));
  await page.getByLabel('Order by').selectOption('state');
  await eventually(async () => assert.equal((await names(page))[0], 'dead'));
  assert.equal(await page.evaluate('window.isTheSame'), true);
  await page.reload();
  assert.equal((await names(page))[0], 'dead', 'the address has all of it');
  assert.deepEqual(open.wrongs, []);
});

const ignoringCase = (one: string, other: string): number => one.localeCompare(other, 'en');

test('with keys alone: filter, open a target, open a statement', async () => {
  await using open = await openPage(exporter.url, WIDE);
  const { page } = open;
  await page.goto('/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter'); // to the content
  await focusOn(page, 'input[name=q]');
  await page.keyboard.type('slow-mysql');
  await eventually(async () => assert.deepEqual(await names(page), ['slow-MySQL']));
  await focusOn(page, '#targets a');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/target/slow-MySQL');
  await focusOn(page, '[id="sql-slow/sleep"] summary');
  await page.keyboard.press('Enter');
  await page.locator('[id="sql-slow/sleep"] pre', { hasText: 'SELECT SLEEP(5) AS v' }).waitFor();
});

/** Goes on with the Tab key, which must lead there. */
async function focusOn(page: Awaited<ReturnType<typeof openPage>>['page'], selector: string): Promise<void> {
  for (let presses = 0; presses < 100; presses++) {
    if (await page.locator(selector).evaluate((element) => element.matches(':focus'))) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the Tab key does not lead to ${selector}`);
}

test('the page comes again by itself, and what is open stays open', async () => {
  await using open = await openPage(exporter.url, WIDE);
  const { page } = open;
  await page.clock.install();
  await page.goto('/target/slow-MySQL');
  const rows = page.locator('#probes tbody tr');
  const before = await rows.count();
  await page.locator('[id="sql-slow/sleep"] summary').click();
  await page.getByLabel('Again every 10 s').check();
  await world.probe('slow-MySQL');
  await page.clock.runFor(10_000);
  await eventually(async () => assert.equal(await rows.count(), before + 1));
  assert.equal(await page.locator('[id="sql-slow/sleep"]').getAttribute('open'), '');
  assert.deepEqual(open.wrongs, []);
});

test('markup of labels and errors is text', async () => {
  await using open = await openPage(exporter.url, WIDE);
  await open.page.goto('/target/odd');
  const text = await open.page.locator('main').innerText();
  assert.ok(text.includes('note=<img src=x onerror=alert(1)>"\\u{202e}right\\u{7}'), text);
  assert.match(text, /no_such_<b>table<\/b>/);
  assert.equal(await open.page.locator('main img, main b').count(), 0);
  assert.deepEqual(open.wrongs, []);
});

test('without script all of it is there', async () => {
  await using open = await openPage(exporter.url, { ...WIDE, hasScript: false });
  const { page } = open;
  await page.goto('/');
  await page.getByRole('searchbox').fill('staging');
  await page.getByLabel('Order by').selectOption('state');
  await page.getByLabel('Only what is wrong').check();
  await page.getByRole('button', { name: 'Show' }).click();
  assert.deepEqual(await names(page), ['denied-MariaDB', 'denied-MySQL', 'slow-MariaDB', 'slow-MySQL']);
  await page.getByRole('link', { name: 'slow-MySQL' }).click();
  await page.locator('[id="sql-slow/sleep"] summary').click();
  await page.locator('[id="sql-slow/sleep"] pre', { hasText: 'SELECT SLEEP(5) AS v' }).waitFor();
  await page.getByRole('link', { name: 'Queries' }).click();
  await page.getByRole('rowheader', { name: 'slow/sleep' }).waitFor();
  await page.getByRole('link', { name: 'Configuration' }).click();
  await page.locator('pre', { hasText: 'password: <secret>' }).waitFor();
});
