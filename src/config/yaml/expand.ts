/**
 * Variables in text: `${VAR}`, `${VAR:-default}` (when unset or empty), `$$` for a dollar. A lone `$` stays.
 *
 * The value of a variable is never expanded again.
 */
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';

/**
 * Alternatives in order: an escaped dollar, a well-formed variable, the start of a malformed one.
 * In a default a dollar is either a pair or not followed by `$` or `{`: each text has one reading, so a
 * hostile one cannot make the search slow.
 */
const TOKEN = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-((?:[^$}]|\$\$|\$(?![{$]))*))?\}|\$\{/g;

/** The text with its variables replaced. A message names the variable, never the text around it. */
export function expandVariables(text: string, env: NodeJS.ProcessEnv): Parsed<string> {
  const problems: string[] = [];
  const expanded = text.replace(TOKEN, (token, name?: string, hasDefault?: string, fallback?: string) => {
    if (token === '$$') return '$';
    if (name === undefined) {
      problems.push(
        'a variable is not well formed: write ${NAME} or ${NAME:-default}, or $${ where a plain ${ is meant',
      );
      return '';
    }
    const value = env[name];
    if (hasDefault !== undefined) return value || (fallback ?? '').replaceAll('$$', () => '$');
    if (value === undefined)
      problems.push(
        `the environment variable ${name} is not set: set it, or write \${${name}:-default} (a plain dollar is $$)`,
      );
    return value ?? '';
  });
  const [problem] = problems;
  return problem === undefined ? parsed(expanded) : refused(problem);
}
