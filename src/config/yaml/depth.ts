/**
 * A bound on how deep a YAML text may nest, checked before it is parsed.
 *
 * The parser is recursive. It catches its own stack overflow, but V8 ends the whole process when a regular expression
 * is compiled with no stack left ("Aborting on stack overflow", Node 20.20, `[` 100,000 times).
 */

const MAX_BRACKETS = 200;
const MAX_INDENT = 500;

/** Whether the text may nest deeper than any real configuration. Brackets in quotes and comments count too. */
export function nestsTooDeep(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1);
    if (open > MAX_BRACKETS) return true;
  }
  // Indentation and the indicators that open a level on the same line: "- - - x", "? ? x".
  for (const [indent] of text.matchAll(/^(?:[ \t]|[-?:](?=[ \t]))+/gm))
    if (indent.length > MAX_INDENT) return true;
  return false;
}
