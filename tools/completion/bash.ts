/** deploy/completion/mysql-query-exporter.bash: completion for bash, without the functions of bash-completion. */
import type { Command } from 'commander';
import { DEFAULT_COMMAND } from '../../src/commands/names.ts';
import { type Call, callsOf, type Flag, flagsOf, type Value } from './calls.ts';

/** The script as text. */
export function bashCompletion(program: Command): string {
  const calls = callsOf(program);
  const named = calls.filter(({ name }) => name !== DEFAULT_COMMAND);
  const own = words(flagsOf(program)).filter((name) => name !== '--help');
  const unnamed = calls.filter(({ name }) => name === DEFAULT_COMMAND);
  return `# Completion of mysql-query-exporter for bash. Made by \`npm run docs\` from src/commands: change that.

_mysql_query_exporter() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} first=\${COMP_WORDS[1]}
  local flags operands wanted=''
  COMPREPLY=()
  # bash takes --flag=value for three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $first in
${named.map((call) => branch(call.name, call)).join('')}${unnamed.map((call) => branch('*', call)).join('')}  esac
  if [[ -z $wanted && $cur == -* ]]; then
    wanted=$flags
    if ((COMP_CWORD == 1)); then wanted+=' ${own.join(' ')}'; fi
  elif [[ -z $wanted ]]; then
    wanted=$operands
    if ((COMP_CWORD == 1)); then wanted='${calls.map(({ name }) => name).join(' ')}'; fi
  fi
  case $wanted in
    @file)
      compopt -o filenames 2> /dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    @folder)
      compopt -o filenames 2> /dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      ;;
    @unknown) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$wanted" -- "$cur") ;;
  esac
}

complete -F _mysql_query_exporter mysql-query-exporter
`;
}

/** What may follow one command; the default one is there without its name too. */
function branch(pattern: string, { flags, operands }: Call): string {
  const [operand] = operands;
  const valued = flags.filter(({ value }) => value !== undefined);
  const cases = [...new Set(valued.map(({ value }) => wanted(value)))].map((values) => {
    const group = valued.filter(({ value }) => wanted(value) === values).flatMap(({ names }) => names);
    return `        ${group.join(' | ')}) wanted='${values}' ;;\n`;
  });
  return `    ${pattern})
      flags='${words(flags).join(' ')}'
      operands='${wanted(operand?.value)}'
${cases.length === 0 ? '' : `      case $prev in\n${cases.join('')}      esac\n`}      ;;
`;
}

/** The long names: whoever types a short one has no more to type. */
const words = (flags: readonly Flag[]): readonly string[] =>
  flags.flatMap(({ names }) => names.filter((name) => name.startsWith('--')));

const wanted = (value: Value | undefined): string =>
  value?.kind === 'choice' ? value.choices.join(' ') : `@${value?.kind ?? 'unknown'}`;
