/** The yaml package's errors in words for people who do not know YAML's grammar. No message quotes the file. */

const WORDS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'the indentation does not fit, or a [ or { is not closed before it',
  BAD_SCALAR_START: 'a plain text cannot begin with @ or `: put quotes around it',
  BAD_DQ_ESCAPE:
    'a backslash in "double quotes" begins an escape that does not exist: write \\\\ or use single quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second "key: value" on one line, or a line indented too deep: put quotes around a text that contains ": "',
  BLOCK_IN_FLOW:
    'a list or map in lines cannot stand inside [ ] or { }; put quotes around a text that contains ": "',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MULTILINE_IMPLICIT_KEY:
    'expected "key: value": a colon and a space after the key are missing, or the indentation is wrong',
  MULTIPLE_DOCS: 'the file has more than one document: remove the line ---',
  TAB_AS_INDENT: 'a tab is used for indentation: use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) is not known: put quotes around a text that begins with !',
  RESOURCE_EXHAUSTION: 'lists or maps are nested too deeply',
};

/** A sentence for an error of the yaml package. `before` is the file up to the error, to recognise `${` in `{ }`. */
export function yamlProblem(code: string, message: string, before = ''): string {
  if (code === 'UNEXPECTED_TOKEN' && before.endsWith('${'))
    return 'a variable inside { } or [ ] needs quotes: "${NAME}"';
  if (code === 'MISSING_CHAR') {
    if (/closing ['"]/.test(message)) return 'a quoted text has no closing quote';
    if (message.includes('map value')) return 'expected "key: value": the colon after the key is missing';
    return 'a character is missing here: a comma, a colon, or a closing bracket';
  }
  return WORDS[code] ?? 'this is not valid YAML here: look for a missing quote, colon, comma or bracket';
}
