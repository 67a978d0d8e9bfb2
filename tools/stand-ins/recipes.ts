/**
 * The images that Dockerfile and docker-compose.yml name, and how each is made.
 *
 * Nothing of the official images is in them but the names: the entry points of the databases are our own (database/)
 * and do what docker-compose.yml relies on.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../../harness/cache.ts';
import { downloadPackage, nodeRelease } from '../../harness/node-program.ts';
import { installed, quoted, type Recipe } from './recipe.ts';

const DATABASE = fileURLToPath(new URL('database/', import.meta.url));

/** MySQL and Prometheus are in Debian unstable only. */
const UNSTABLE = 'sid';

/** The npm that Node 24 brings along. */
const NPM = 'npm@11.6.2';

/** By the name of the image without its tag; a release is the part of the tag before the first `-`. */
export const RECIPES: Readonly<Record<string, (tag: string) => Promise<Recipe>>> = {
  debian: async (tag) => debian(suiteIn(tag)),
  node: async (tag) => {
    const node = await archive(`node-linux-${process.arch}@${nodeRelease(tag.split('-')[0] ?? '')}`);
    const npm = await archive(NPM);
    const modules = '/usr/local/lib/node_modules/npm';
    const unpack = 'tar --no-same-owner --strip-components=1 -xzf';
    return {
      ...debian(suiteIn(tag)),
      steps: [
        `${unpack} ${quoted(node)} -C "$1/usr/local" package/bin/node package/LICENSE`,
        `mkdir -p "$1${modules}" && ${unpack} ${quoted(npm)} -C "$1${modules}"`,
        'ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm"',
      ],
      settings: ['CMD ["node"]'],
    };
  },
  mariadb: async () =>
    database('mariadb', 'bookworm', ['mariadb-server-core', 'mariadb-client-core'], {
      'health.sh': '/usr/local/bin/healthcheck.sh',
    }),
  mysql: async () => database('mysql', UNSTABLE, ['mysql-server-core', 'mysql-client-core']),
  'prom/prometheus': async () => ({
    suite: UNSTABLE,
    packages: ['prometheus', 'busybox'],
    steps: [
      'ln -s busybox "$1/usr/bin/wget"',
      'rm -r "$1/etc/prometheus" && mkdir -m 755 "$1/etc/prometheus"',
      'mkdir -m 700 "$1/prometheus" && chown 65534:65534 "$1/prometheus"',
    ],
    settings: [
      'USER nobody',
      'WORKDIR /prometheus',
      'VOLUME /prometheus',
      'EXPOSE 9090',
      'ENTRYPOINT ["prometheus"]',
      'CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]',
    ],
  }),
};

/** A package of npm as it is published. */
async function archive(npmPackage: string): Promise<string> {
  const folder = await cached(`${npmPackage.replace('@', '-')}-archive`, async (entry) => {
    await rename(join(entry, await downloadPackage(npmPackage, entry)), join(entry, 'package.tgz'));
  });
  return join(folder, 'package.tgz');
}

/** Such as `bookworm` in 24-bookworm-slim. */
function suiteIn(tag: string): string {
  const suite = /\b(bookworm|trixie)\b/.exec(tag)?.[1];
  if (suite === undefined) throw new Error(`no suite of Debian is named in ${tag}`);
  return suite;
}

const debian = (suite: string): Recipe => ({ suite, packages: [], steps: [], settings: ['CMD ["bash"]'] });

function database(
  name: 'mariadb' | 'mysql',
  suite: string,
  packages: readonly string[],
  scripts: Readonly<Record<string, string>> = {},
): Recipe {
  return {
    suite,
    packages: ['passwd', ...packages],
    steps: [
      'chroot "$1" useradd --system --uid 999 --home-dir /var/lib/mysql mysql',
      // Settings of an installed server, such as an address that only its own machine reaches.
      'rm -rf "$1/etc/mysql" "$1/var/lib/mysql"',
      'mkdir -p "$1/var/lib/mysql" "$1/docker-entrypoint-initdb.d"',
      installed(join(DATABASE, 'entry.sh'), '/usr/local/bin/entry.sh'),
      ...Object.entries(scripts).map(([from, to]) => installed(join(DATABASE, from), to)),
    ],
    settings: [
      `ENV DATABASE=${name}`,
      'VOLUME /var/lib/mysql',
      'EXPOSE 3306',
      'ENTRYPOINT ["/usr/local/bin/entry.sh"]',
    ],
  };
}
