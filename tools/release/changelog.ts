/** The sections of CHANGELOG.md: `## Unreleased`, and `## 0.1.0 / 2026-11-23` for each release. */

/** What stands below the heading of a version; undefined when there is none. */
export function sectionOf(changelog: string, version: string): string | undefined {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => headingOf(line) === version);
  if (start < 0) return undefined;
  const length = lines.slice(start + 1).findIndex((line) => headingOf(line) !== undefined);
  return lines
    .slice(start + 1, length < 0 ? undefined : start + 1 + length)
    .join('\n')
    .trim();
}

const headingOf = (line: string): string | undefined =>
  /^## (\S+)(?: \/ \d{4}-\d{2}-\d{2})?$/.exec(line)?.[1];
