/**
 * What can be told of a `password_command` before it is run: whether its program is there, and what is filled into it.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { Target } from '../../model/config.ts';
import { PLACEHOLDERS, placeholdersIn } from '../../model/password-command.ts';

/** Reports a program that cannot be run and placeholders that nothing fills. */
export function checkPasswordCommand(
  [program = '', ...args]: readonly string[],
  searchPath: string,
  diagnostics: Diagnostics,
): void {
  const problem = program.includes('/') ? wrongPath(program) : notFound(program, searchPath);
  if (problem !== undefined) diagnostics.at(0).error(`password_command: the program ${problem}`, 'value');
  else if (isAbsolute(program) && isWritableByAll(program))
    diagnostics
      .at(0)
      .warn(
        `password_command: every user of this machine may change ${program}, which runs with the rights of the exporter; chmod o-w it`,
        'value',
      );
  for (const [i, argument] of args.entries())
    for (const name of placeholdersIn(argument))
      if (!isPlaceholder(name))
        diagnostics
          .at(i + 1)
          .error(
            `password_command: nothing fills {${name}} in${hintFor(name, PLACEHOLDERS, 'placeholders')}`,
            'value',
          );
}

/** Reports a target that is reached over a socket, and has a command that wants its host or port. */
export function checkFillable({ address, authModules, credentials, name }: Target, at: Diagnostics): void {
  if (address.kind !== 'unix') return;
  const wanted = [credentials, ...authModules.values()].flatMap(({ password }) =>
    password.kind === 'command' ? password.args.flatMap(placeholdersIn) : [],
  );
  const missing = wanted.find((placeholder) => placeholder === 'host' || placeholder === 'port');
  if (missing !== undefined)
    at.error(
      `the target "${name}" is a socket, so nothing fills {${missing}} in its password_command: give it another way to log in`,
    );
}

const isPlaceholder = (name: string): boolean => PLACEHOLDERS.some((known) => known === name);

function wrongPath(program: string): string | undefined {
  if (!isAbsolute(program))
    return `${JSON.stringify(program)} is a relative path: write an absolute one, or a name alone to have it found in PATH`;
  try {
    if (!statSync(program).isFile()) return `${program} is not a file`;
  } catch {
    return `${program} does not exist`;
  }
  return isExecutable(program) ? undefined : `${program} may not be executed by this user: chmod +x it`;
}

function notFound(program: string, searchPath: string): string | undefined {
  const folders = searchPath.split(delimiter).filter((folder) => isAbsolute(folder));
  if (folders.some((folder) => isFile(join(folder, program)) && isExecutable(join(folder, program))))
    return undefined;
  // In place of a program there may be a whole command line, with a secret in it.
  return /\s/.test(program)
    ? 'has blanks in its name, and no shell splits it: give each argument an entry of its own'
    : `${JSON.stringify(program)} is not in PATH: install it, or write its absolute path`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isWritableByAll(path: string): boolean {
  return (statSync(path).mode & constants.S_IWOTH) !== 0;
}
