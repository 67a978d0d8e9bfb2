/**
 * The arguments of a program that prints a password, and what is filled into them.
 */

/** What `{host}`, `{port}` and `{user}` stand for. */
export const PLACEHOLDERS = ['host', 'port', 'user'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Two braces are those of a template language, such as Go's in `vault -format` and `kubectl -o go-template`. */
const PLACEHOLDER = /(?<!\{)\{([A-Za-z_][A-Za-z0-9_]*)\}(?!\})/g;

/** The names between single braces, known or not. */
export function placeholdersIn(argument: string): readonly string[] {
  return [...argument.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** The argument with its placeholders filled in; other braces stay as they are. */
export function fillIn(argument: string, values: Readonly<Record<Placeholder, string>>): string {
  return argument.replaceAll(PLACEHOLDER, (written, name: string) => {
    const known = PLACEHOLDERS.find((placeholder) => placeholder === name);
    return known === undefined ? written : values[known];
  });
}
