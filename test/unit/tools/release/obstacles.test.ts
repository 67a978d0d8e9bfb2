/** When there may be a release, and what the changelog says of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionOf } from '../../../../tools/release/changelog.ts';
import { type Clone, obstaclesOf } from '../../../../tools/release/obstacles.ts';

const CHANGELOG = `# Changelog

What changed.

## Unreleased

## 0.2.0 / 2026-11-29

- [FEATURE] One.
  More of it.
- [BUGFIX] Two.

## 0.1.0 / 2026-11-23

- [FEATURE] \`## 9.9.9\` is no heading.
`;

const good: Clone = {
  version: '0.2.0',
  lockedVersion: '0.2.0',
  changes: [],
  tags: ['v0.1.0'],
  changelog: CHANGELOG,
};

const cases: readonly (readonly [name: string, clone: Partial<Clone>, obstacles: readonly string[]])[] = [
  ['none', {}, []],
  ['a changed file', { changes: ['README.md', 'x'] }, ['not committed: README.md, x']],
  ['a tag', { tags: ['v0.1.0', 'v0.2.0'] }, ['the tag v0.2.0 is there already: raise the version']],
  ['a tag of another version that begins so', { tags: ['v0.2.0-rc.1'] }, []],
  [
    'another version in the lock file',
    { lockedVersion: '0.1.0' },
    ['package-lock.json has the version 0.1.0: npm install'],
  ],
  [
    'no section',
    { version: '0.3.0', lockedVersion: '0.3.0' },
    ['CHANGELOG.md has no section "## 0.3.0 / YYYY-MM-DD"'],
  ],
  [
    'an empty section',
    { changelog: CHANGELOG.replaceAll(/^(?:- | {2}).*$/gm, '') },
    ['CHANGELOG.md says nothing of 0.2.0'],
  ],
  [
    'entries that are not of a version',
    { changelog: CHANGELOG.replace('## Unreleased\n', '## Unreleased\n\n- [BUGFIX] Three.\n') },
    ['CHANGELOG.md has entries below Unreleased, which would be in the release: move them'],
  ],
  [
    'several at once, and a version that is none',
    { version: '0.2', changes: ['x'] },
    [
      'not committed: x',
      '0.2 in package.json is no version',
      'package-lock.json has the version 0.2.0: npm install',
      'CHANGELOG.md has no section "## 0.2 / YYYY-MM-DD"',
    ],
  ],
];

for (const [name, clone, obstacles] of cases)
  test(`obstacles: ${name}`, () => assert.deepEqual(obstaclesOf({ ...good, ...clone }), obstacles));

test('a section ends at the next heading, or with the file', () => {
  assert.equal(sectionOf(CHANGELOG, '0.2.0'), '- [FEATURE] One.\n  More of it.\n- [BUGFIX] Two.');
  assert.equal(sectionOf(CHANGELOG, '0.1.0'), '- [FEATURE] `## 9.9.9` is no heading.');
  assert.equal(sectionOf(CHANGELOG, 'Unreleased'), '');
  assert.equal(sectionOf(CHANGELOG, '9.9.9'), undefined);
});
