/** What stands in the way of a release. */
import { sectionOf } from './changelog.ts';

/** A clone of the repository, as far as a release depends on it. */
export interface Clone {
  /** Of package.json. */
  readonly version: string;
  /** Of package-lock.json. */
  readonly lockedVersion: string;
  /** Paths that are changed, or new and not ignored. */
  readonly changes: readonly string[];
  readonly tags: readonly string[];
  /** The text of CHANGELOG.md. */
  readonly changelog: string;
}

export const tagOf = (version: string): string => `v${version}`;

/** All of them, as sentences; none when there may be a release. */
export function obstaclesOf(clone: Clone): readonly string[] {
  const { changelog, changes, lockedVersion, tags, version } = clone;
  const section = sectionOf(changelog, version);
  const found: readonly (readonly [boolean, string])[] = [
    [changes.length > 0, `not committed: ${changes.join(', ')}`],
    [!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version), `${version} in package.json is no version`],
    [lockedVersion !== version, `package-lock.json has the version ${lockedVersion}: npm install`],
    [tags.includes(tagOf(version)), `the tag ${tagOf(version)} is there already: raise the version`],
    [section === undefined, `CHANGELOG.md has no section "## ${version} / YYYY-MM-DD"`],
    [section === '', `CHANGELOG.md says nothing of ${version}`],
    [
      Boolean(sectionOf(changelog, 'Unreleased')),
      'CHANGELOG.md has entries below Unreleased, which would be in the release: move them',
    ],
  ];
  return found.flatMap(([isThere, sentence]) => (isThere ? [sentence] : []));
}
