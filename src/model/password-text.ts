/**
 * The password in a file: its whole text but for what editors add.
 */

export type PasswordText =
  | { readonly ok: true; readonly text: string }
  /** Goes on after the name of the file. */
  | { readonly ok: false; readonly detail: string };

/** A byte order mark and one line break at the end are no part of it. In another encoding it would be another password. */
export function passwordText(bytes: Uint8Array): PasswordText {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) return { ok: false, detail: 'is in UTF-16: save it as UTF-8' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ok: true, text: text.replace(/\r?\n$/, '') };
  } catch {
    return { ok: false, detail: 'is not in UTF-8: save it as UTF-8' };
  }
}
