/**
 * The registry of one request: a prom-client Registry with a serialisation of ours.
 *
 * The library's own builds an object per sample and costs ten times a plain writer; here the lines exist
 * already and are joined. Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { Registry } from 'prom-client';
import type { Family, FamilySamples, Samples } from './samples.ts';

export class ProbeRegistry extends Registry {
  readonly #families = new Map<Family, FamilySamples[]>();

  /** Adds the samples of one query. They are shared with other requests and stay as they are. */
  add(samples: Samples): void {
    for (const [family, lines] of samples.families) {
      const parts = this.#families.get(family);
      if (parts === undefined) this.#families.set(family, [lines]);
      else parts.push(lines);
    }
  }

  /** Everything added so far in the text format, and how many series two queries had in common. */
  render(): { readonly text: string; readonly duplicates: number } {
    let text = '';
    let duplicates = 0;
    for (const [family, parts] of this.#families) {
      text += headerOf(family);
      if (parts.length === 1) text += parts[0]!.text;
      else {
        const joined = join(parts);
        text += joined.text;
        duplicates += joined.duplicates;
      }
    }
    return { text, duplicates };
  }

  override async metrics(): Promise<string> {
    return this.render().text;
  }
}

const headers = new WeakMap<Family, string>();

/** The HELP and TYPE lines, worked out once per family. */
function headerOf(family: Family): string {
  let header = headers.get(family);
  if (header === undefined) {
    const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    header = `# HELP ${family.name} ${help}\n# TYPE ${family.name} ${family.type}\n`;
    headers.set(family, header);
  }
  return header;
}

/** One family from several queries. Rare, so the lines are looked at again rather than kept apart for it. */
function join(parts: readonly FamilySamples[]): { readonly text: string; readonly duplicates: number } {
  const seen = new Set<string>();
  let text = '';
  let duplicates = 0;
  for (const line of parts.flatMap((part) => part.text.split('\n'))) {
    if (line === '') continue;
    const series = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(series)) duplicates++;
    else {
      seen.add(series);
      text += `${line}\n`;
    }
  }
  return { text, duplicates };
}
