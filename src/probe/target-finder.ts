/** Targets by their names: those that are listed, and those that a name alone makes under a pattern. */
import type { Config, Target } from '../model/config.ts';
import { compileNamePattern } from '../model/name-pattern.ts';

/** Finds the target of a name; of several patterns that match it the first is its. */
export function targetFinder({
  patterns,
  targets,
}: Pick<Config, 'targets' | 'patterns'>): (name: string) => Target | undefined {
  const compiled = patterns.map(({ template, text }) => ({ names: compileNamePattern(text), template }));
  return (name) => {
    const listed = targets.get(name);
    if (listed !== undefined) return listed;
    for (const { names, template } of compiled) {
      const address = names.addressOf(name);
      if (address !== undefined) return { ...template, name, address };
    }
    return undefined;
  };
}
