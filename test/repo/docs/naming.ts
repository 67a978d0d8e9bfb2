/**
 * docs/reference/naming.md: the advice of promtool that comes with names which are not ours to choose.
 */
import { readFile } from 'node:fs/promises';

export interface Advice {
  /** As the page has it: `mysql_global_status_*`. */
  readonly families: string;
  readonly sentence: string;
  /** Whether a line of promtool is this. */
  readonly fits: (line: string) => boolean;
}

/** One for each pattern of each row. */
export async function documentedAdvice(): Promise<readonly Advice[]> {
  const page = await readFile(new URL('../../../docs/reference/naming.md', import.meta.url), 'utf8');
  return [...page.matchAll(/^\| (`mysql_.*?`) \| `(.*?)` \|/gm)].flatMap(([, patterns = '', sentence = '']) =>
    [...patterns.matchAll(/`([\w*]+)`/g)].map(([, families = '']) => {
      const name = new RegExp(`^${families.replaceAll('*', '\\w+')}$`);
      const fits = (line: string) => {
        const [family = '', ...words] = line.split(' ');
        return name.test(family) && words.join(' ') === sentence;
      };
      return { families, sentence, fits };
    }),
  );
}
