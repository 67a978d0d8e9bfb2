/** Where a key is seen in use: in an example of a guide, or else in a file that is shipped. */
import { parse } from 'yaml';
import type { AnnotatedSchema } from '../../src/config/json-schema.ts';
import { keysUsed } from './key-sections.ts';
import { anchorOf } from './markdown.ts';

export interface ExampleSource {
  readonly title: string;
  /** As a page in docs/reference links to it. */
  readonly link: string;
  readonly yaml: string;
}

/** The examples of a guide: the first block of YAML below each heading. */
export function examplesOf(page: string, link: string): readonly ExampleSource[] {
  return page.split(/^## /m).flatMap((section) => {
    const [, yaml] = /```yaml\n([^`]*)```/.exec(section) ?? [];
    const title = section.split('\n', 1)[0] ?? '';
    return yaml === undefined ? [] : [{ title, link: `${link}#${anchorOf(title)}`, yaml }];
  });
}

/** For each key, as `Section.key`, the first source that uses it. */
export function exampleByKey(
  schema: AnnotatedSchema,
  sources: readonly ExampleSource[],
): ReadonlyMap<string, ExampleSource> {
  const found = new Map<string, ExampleSource>();
  for (const source of sources)
    for (const key of keysUsed(schema, parse(source.yaml))) if (!found.has(key)) found.set(key, source);
  return found;
}
