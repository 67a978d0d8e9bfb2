/** The keys of a section as Markdown. */
import { type Choice, choiceText } from './choices.ts';
import type { ExampleSource } from './examples.ts';
import { type KeyEntry, type KeySection, sectionLink } from './key-sections.ts';
import { code, prose, table } from './markdown.ts';

/** What a page knows beside the keys. */
export interface PageScope {
  readonly sections: readonly KeySection[];
  /** For each key, as `Section.key`, where it is seen in use. */
  readonly examples: ReadonlyMap<string, ExampleSource>;
  readonly choices: readonly Choice[];
}

const HEAD = ['key', 'value', 'default', 'what', 'example'];

/** A table of all keys of a section. */
export function keyTable({ keys, name }: KeySection, scope: PageScope): readonly string[] {
  return table(
    HEAD,
    keys.map((entry) => keyRow(entry, [name], scope)),
  );
}

/** One key of these sections, in which it means the same. */
export function keyRow(entry: KeyEntry, sections: readonly string[], scope: PageScope): readonly string[] {
  const { description, fallback, isRequired, key, values, words } = entry;
  const byDefault = isRequired ? '*required*' : fallback === undefined ? '' : code(fallback);
  const shown = words === undefined ? values : choiceText(words, scope.choices);
  return [code(key), shown, byDefault, prose(description), exampleLink(entry, sections, scope)];
}

/** To the key in one of these sections, or else in another where it means the same. */
function exampleLink(entry: KeyEntry, own: readonly string[], { examples, sections }: PageScope): string {
  const alike = sections.filter(({ keys }) => keys.some((other) => isSameKey(entry, other)));
  const names = [...own, ...alike.map(({ name }) => name)];
  const source = names.map((name) => examples.get(`${name}.${entry.key}`)).find((one) => one !== undefined);
  if (source === undefined)
    throw new Error(`${own[0]}.${entry.key} stands in no example of a guide and in no shipped file`);
  return `[${prose(source.title)}](${source.link})`;
}

/** Whether a reader needs to be told of only one of them. */
export function isSameKey(a: KeyEntry, b: KeyEntry): boolean {
  return (
    a.key === b.key && a.description === b.description && a.values === b.values && a.fallback === b.fallback
  );
}

/** Which keys take such a map; empty for the file itself. */
export function usedAtText({ usedAt }: KeySection): string {
  if (usedAt.length === 0) return '';
  return `At ${usedAt.map(({ key, section }) => `${code(key)} of ${sectionLink(section)}`).join(', ')}.`;
}

/** A page says something of each section, and of no other. */
export function checkWritten(sections: readonly KeySection[], written: readonly string[]): void {
  const names = sections.map(({ name }) => name);
  const missing = names.filter((name) => !written.includes(name));
  const unknown = written.filter((name) => !names.includes(name));
  if (missing.length + unknown.length > 0)
    throw new Error(`sections: ${missing.join(', ')} stand in no page, ${unknown.join(', ')} in no schema`);
}
