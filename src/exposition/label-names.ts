/** Labels as text, `name="value",name="value"`: which names there are, and how they make room for others. */

const LABEL = /(^|[{,])([a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\\n]|\\.)*"/g;

/** Before a label that gives its name away, as Prometheus does it. */
export const RENAMED = 'exported_';

/** The names in a text of labels, or in a line of samples. */
export function labelNames(text: string): readonly string[] {
  return [...text.matchAll(LABEL)].map(([, , name = '']) => name);
}

/** A line without labels of these names: `exported_` is put before each until it is one that nobody has. */
export function freeNames(line: string, names: readonly string[]): string {
  const own = labelNames(line);
  const taken = new Set([...own, ...names]);
  const others = new Map<string, string>();
  for (const name of own.filter((one) => names.includes(one))) {
    let other = RENAMED + name;
    while (taken.has(other)) other = RENAMED + other;
    taken.add(other);
    others.set(name, other);
  }
  if (others.size === 0) return line;
  return line.replace(LABEL, (pair: string, before: string, known: string) => {
    const other = others.get(known);
    return other === undefined ? pair : before + other + pair.slice(before.length + known.length);
  });
}
