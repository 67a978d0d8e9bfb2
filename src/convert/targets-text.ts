/**
 * Texts of targets.yml, where a dollar sign can begin a variable.
 */

/** Escapes the text so that no part of it is read as a variable. */
export const withoutVariables = (text: string): string => text.replaceAll('$', '$$$$');

export const PLAIN_PASSWORD =
  'stands in the result as it is here: keep the file to its owner, or use password_file or ${NAME}';
