/**
 * Where the lab finds Debian's archive on a machine: both forms of apt sources.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findArchive } from '../../../harness/debian-packages.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const cases: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly found: { readonly uri: string; readonly signedBy: string | undefined };
}[] = [
  {
    name: 'deb822, with comments, security updates and a vendor',
    files: {
      'sources.list.d/debian.sources': `Types: deb deb-src
# a comment between the fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: ${KEYRING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`,
      'sources.list.d/a-vendor.sources':
        'Types: deb\nURIs: http://vendor.example\nSuites: stable\nComponents: main\n',
    },
    found: { uri: 'http://mirror.example/debian', signedBy: KEYRING },
  },
  {
    name: 'one line an entry, with options',
    files: {
      'sources.list': `# deb http://old.example/debian bookworm main
deb [arch=amd64 signed-by=${KEYRING}] http://mirror.example/debian bookworm main # ours
`,
    },
    found: { uri: 'http://mirror.example/debian', signedBy: KEYRING },
  },
  {
    name: 'a disabled entry is passed over, a key in the file itself is not a path',
    files: {
      'sources.list.d/1.sources':
        'Types: deb\nEnabled: no\nURIs: http://off.example\nSuites: bookworm\nComponents: main\n',
      'sources.list.d/2.sources':
        'Types: deb\nURIs: http://on.example\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP\n',
    },
    found: { uri: 'http://on.example', signedBy: undefined },
  },
];

for (const { name, files, found } of cases) {
  test(`apt sources: ${name}`, async (t) => {
    const etcApt = await mkdtemp(join(tmpdir(), 'mqe-apt-'));
    t.after(() => rm(etcApt, { recursive: true }));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(etcApt, path)), { recursive: true });
      await writeFile(join(etcApt, path), text);
    }
    assert.deepEqual(await findArchive('bookworm', etcApt), { ...found, suite: 'bookworm' });
    await assert.rejects(findArchive('trixie', etcApt), /no entry for Debian trixie main/);
  });
}
