/**
 * What a file with a user or a password looks like when it is read: it is taken as it stands, so a mistake in it would
 * be another login. Never says anything of its content.
 */
import { readFileSync } from 'node:fs';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { passwordText, userText } from '../../model/password-text.ts';

/** Reports what is wrong with a file that can be read, or most likely is. */
export function checkPasswordFile(path: string, diagnostics: Diagnostics): void {
  const password = passwordText(readFileSync(path));
  if (!password.ok) {
    diagnostics.error(`password_file: the file ${password.detail}`, 'value');
    return;
  }
  for (const [looks, sentence] of DOUBTS)
    if (looks.test(password.text)) diagnostics.warn(`password_file: ${sentence}`, 'value');
}

/** Reports what is wrong with a file that can be read. */
export function checkUserFile(path: string, diagnostics: Diagnostics): void {
  const user = userText(readFileSync(path));
  if (!user.ok) diagnostics.error(`user_file: the file ${user.detail}`, 'value');
}

const DOUBTS: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'the file is empty, so the password is empty'],
  [/^[ \t]|[ \t]$/, 'the file begins or ends with a blank, which belongs to the password'],
  [/\n/, 'the file has several lines, and all of them are the password'],
  [
    /^\$(?:\w+|\{\w+\})$/,
    'the file has the name of a variable, which is not replaced: it is the password as it stands',
  ],
  [/^(?:export )?[A-Za-z_]\w*=/, 'the file looks like NAME=value, and all of it is the password'],
];
