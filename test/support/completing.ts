/** Shells asked for what they would complete. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../deploy/completion/mysql-query-exporter.bash', import.meta.url));

/** Calls the function as bash does when Tab is pressed behind the last of the words; standard error must stay empty. */
export async function completedByBash(words: readonly string[], cwd: string): Promise<readonly string[]> {
  const script = `set -u
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"$(complete -p mysql-query-exporter | sed 's/.* -F \\([^ ]*\\) .*/\\1/')"
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '--noprofile', '-c', script, 'bash', SCRIPT, 'mysql-query-exporter', ...words];
  const { stderr, stdout } = await run('bash', args, { cwd });
  if (stderr !== '') throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}
