/** The result of every small parser here: the value, or a message for the user that holds no secret. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const refused = (message: string): { readonly ok: false; readonly message: string } => ({
  ok: false,
  message,
});
