/**
 * `npm run screenshots`: makes the pictures of docs/guides/status-pages.md, of an exporter with real servers.
 */
import { fileURLToPath } from 'node:url';
import { startChromium } from '../../harness/browser/chromium.ts';
import { Exporter } from '../../test/support/exporter.ts';
import { EXPORTER, type RealServer, realServers } from '../../test/support/real-servers.ts';

const PICTURES = fileURLToPath(new URL('../../docs/images/', import.meta.url));

const PAGES = {
  targets: '/?sort=state',
  target: '/target/orders-replica',
  queries: '/queries',
  config: '/config',
} as const;

const filesFor = ([mariadb, mysql]: readonly RealServer[]) => ({
  'targets.yml': `
query_files: [builtin, own.yml]
defaults: {user: ${EXPORTER.user}, password: ${EXPORTER.password}}
groups:
  production: {}
  staging: {}
targets:
  orders-primary: {address: "127.0.0.1:${mysql?.port}", groups: [production], labels: {region: eu, team: orders}}
  orders-replica:
    address: "127.0.0.1:${mysql?.port}"
    groups: [production]
    labels: {region: eu, team: orders}
    query_sets: [global_status, slave_status, sessions, table_sizes, reports]
  billing-primary: {address: "127.0.0.1:${mariadb?.port}", groups: [production], labels: {region: us, team: billing}}
  billing-archive: {address: "127.0.0.1:1", groups: [production], labels: {region: us, team: billing}}
  shop-staging: {address: "127.0.0.1:${mysql?.port}", groups: [staging], password: of last year}
  shop-load-test: {address: "127.0.0.1:1", groups: [staging]}
  old-shop: {address: "127.0.0.1:1", enabled: false}
`,
  'own.yml': `
query_sets:
  reports:
    namespace: reports
    queries:
      open_orders:
        query: SELECT SLEEP(5) AS v
        timeout: 300ms
        metrics: {open: {type: gauge, description: Open orders, value: v}}
`,
});

const ASKED = ['orders-primary', 'orders-replica', 'billing-primary', 'billing-archive', 'shop-staging'];

/** Returns when the pictures are written. */
async function takePictures(): Promise<void> {
  await using exporter = await Exporter.start(filesFor(await realServers()));
  for (let round = 0; round < 5; round++) for (const target of ASKED) await exporter.probe(target);
  const browser = await startChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' });
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(exporter.url + path);
    await page.screenshot({ path: `${PICTURES}${name}.png` });
  }
  await browser.close();
}

await takePictures();
// The servers end with this process.
process.exit(0);
