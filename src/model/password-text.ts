/**
 * The user or the password in a file: a password is the whole text but for what editors add, a user is one word or more
 * on one line.
 */

export type FileText =
  | { readonly ok: true; readonly text: string }
  /** Goes on after the name of the file. */
  | { readonly ok: false; readonly detail: string };

/** A byte order mark and one line break at the end are no part of it. In another encoding it would be another password. */
export function passwordText(bytes: Uint8Array): FileText {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) return { ok: false, detail: 'is in UTF-16: save it as UTF-8' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ok: true, text: text.replace(/\r?\n$/, '') };
  } catch {
    return { ok: false, detail: 'is not in UTF-8: save it as UTF-8' };
  }
}

/** The name of an account in a file; blanks and line breaks around it are no part of it. */
export function userText(bytes: Uint8Array): FileText {
  const found = passwordText(bytes);
  if (!found.ok) return found;
  const text = found.text.trim();
  if (text === '') return { ok: false, detail: 'is empty: write the name of the account into it' };
  // The protocol ends the name at a zero byte: what follows would be read as other parts of the login.
  return /\p{Cc}/u.test(text)
    ? {
        ok: false,
        detail: 'has several lines or control characters: write the name of the account alone into it',
      }
    : { ok: true, text };
}
