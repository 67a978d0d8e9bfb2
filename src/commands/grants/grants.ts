/**
 * `grants [SET...]`: what accounts need for query sets, as the statements that create them: a block for each account.
 *
 * Asks no server; `check --target` tells what an account has on one.
 */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadShippedSets } from '../../config/load.ts';
import { type Account, accountText, parseAccount } from '../../grants/account.ts';
import { grantsOfSet, uniqueGrants } from '../../grants/needed.ts';
import { grantStatements } from '../../grants/statements.ts';
import type { Config, Target } from '../../model/config.ts';
import { compileNamePattern } from '../../model/name-pattern.ts';
import { FLAVOUR_NAMES, FLAVOURS, type Flavour, type Grant } from '../../model/query-set.ts';
import { visible } from '../../visible-text.ts';
import { isConfigNamed } from '../options/config-files.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from '../options/config-options.ts';
import { writeText } from '../printable.ts';
import { type ConfigOptions, readConfig } from '../read-config.ts';
import { refuseName } from '../unknown-name.ts';
import { type AccountOfTargets, type AskedSet, accountsOf, type Known, setsOf } from './accounts.ts';

interface GrantsFlags extends ConfigFlags {
  readonly flavour: Flavour | undefined;
  readonly user: Account | undefined;
  readonly target: string | undefined;
}

interface GrantsOptions extends ConfigOptions {
  /** Those that the targets have when empty. */
  readonly sets: readonly string[];
  /** Both, under headings, when undefined. */
  readonly flavour: Flavour | undefined;
  /** In place of those of the targets. */
  readonly account: Account | undefined;
  /** Only this one; it may be one that a pattern matches. */
  readonly target: string | undefined;
  /** Whether the caller named the configuration; else there may be none, and shipped sets can be named. */
  readonly isGiven: boolean;
}

/** Room for a second exporter beside the connections to a target, and for a KILL. */
const LEAST_CONNECTIONS = 10;

/** Adds the command. */
export function addGrants(program: Command): void {
  addConfigOptions(program.command('grants'))
    .description('print the privileges that query sets need, as GRANT statements')
    .argument('[set...]', 'query sets; without any, those that the targets have')
    .option('--target <name>', 'only for this target')
    .addOption(new Option('--flavour <flavour>', 'only for servers of this one').choices(FLAVOURS))
    .option(
      '--user <account>',
      'one account for all, such as exporter@10.0.0.5 (default: a block for each account of the targets)',
      accountOf,
    )
    .action(async (sets: string[], flags: GrantsFlags, command: Command) => {
      const options = configOptions(command, flags);
      const { flavour, target, user } = flags;
      process.exitCode = await grants({
        ...options,
        sets,
        flavour,
        target,
        account: user,
        isGiven: isConfigNamed(flags),
      });
    });
}

function accountOf(text: string): Account {
  const parsed = parseAccount(text);
  if (parsed === undefined) throw new InvalidArgumentError('Expected USER@HOST, such as exporter@%.');
  return parsed;
}

/** Prints the statements on standard output; returns the exit code. */
async function grants(options: GrantsOptions): Promise<number> {
  const { flavour, logFormat, sets, target } = options;
  const config = await configFor(options);
  if (config === undefined) return 1;
  const known = target === undefined ? config : onlyTarget(target, config);
  if (known === undefined)
    return refuseName(logFormat, { what: 'target', name: target ?? '', known: config.targets.keys() });
  const { querySets } = known;
  const unknown = sets.find((name) => !querySets.has(name));
  if (unknown !== undefined)
    return refuseName(logFormat, { what: 'query set', name: unknown, known: querySets.keys() });
  writeText(
    blocksFor(known, options)
      .map((block) => blockText(block, flavour))
      .join('\n\n'),
  );
  return 0;
}

interface Block extends Pick<AccountOfTargets, 'account' | 'asked' | 'targets'> {
  readonly userFile?: string | undefined;
}

/** One at least. */
function blocksFor(known: Known, { account, sets }: GrantsOptions): readonly Block[] {
  const accounts = accountsOf(known, sets);
  const [first] = accounts;
  if (first === undefined) return [{ account: account ?? NOBODY, targets: [], asked: setsOf(known, sets) }];
  if (account === undefined) return accounts;
  const targets = [...new Set(accounts.flatMap((one) => one.targets))];
  return [{ account, targets, asked: accounts.flatMap(({ asked }) => asked) }];
}

const NOBODY: Account = { user: 'exporter', host: '%' };

function blockText(block: Block, flavour: Flavour | undefined): string {
  const { asked, targets, userFile } = block;
  const account = accountText(block.account);
  // In a comment, which a line break would end.
  const shown = visible(account);
  const connections = targets.map(({ maxConnections }) => 2 * (maxConnections + 1));
  const most = connections.reduce((max, number) => Math.max(max, number), LEAST_CONNECTIONS);
  return [
    ...(targets.length === 0 ? [] : [`-- ${shown}: ${targetsText(targets)}`]),
    ...(userFile === undefined ? [] : [`-- In place of <user>: the user in ${visible(userFile)}`]),
    `-- CREATE USER ${shown} IDENTIFIED BY 'a long password' WITH MAX_USER_CONNECTIONS ${most};`,
    ...(flavour === undefined ? ofFlavours(asked, account) : lines(neededFor(asked, flavour), account)),
    '',
  ].join('\n');
}

/** So many are named. */
const MOST_NAMED = 10;

function targetsText(targets: readonly Target[]): string {
  const names = targets.slice(0, MOST_NAMED).map(({ name }) => visible(name));
  const more = targets.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const neededFor = (asked: readonly AskedSet[], flavour: Flavour): readonly Grant[] =>
  uniqueGrants(asked.flatMap(({ params, set }) => grantsOfSet(set, flavour, params)));

/** Under headings; under one where it is the same for all servers. */
function ofFlavours(asked: readonly AskedSet[], account: string): readonly string[] {
  const each = FLAVOURS.map((flavour) => ({
    names: [FLAVOUR_NAMES[flavour]],
    text: lines(neededFor(asked, flavour), account),
  }));
  const isSame = each.every(({ text }) => text.join('\n') === each[0]?.text.join('\n'));
  const shown = isSame ? [{ names: each.flatMap(({ names }) => names), text: each[0]?.text ?? [] }] : each;
  return shown.flatMap(({ names, text }) => ['', `-- ${names.join(' and ')}`, ...text]);
}

function lines(needed: readonly Grant[], account: string): readonly string[] {
  if (needed.length === 0) return ['-- No query of these sets names a privilege in its grants.'];
  const hint = '-- A line with a table that the server does not have (error 1146) is not needed there.';
  const statements = grantStatements(needed, account);
  return needed.some(({ table }) => table !== '*') ? [hint, ...statements] : statements;
}

/** The configuration; where there is none and sets are named, those that are shipped. */
async function configFor({ files, isGiven, logFormat, sets }: GrantsOptions): Promise<Known | undefined> {
  const isThere = isGiven || typeof files !== 'string' || existsSync(files);
  if (isThere || sets.length === 0) return withPatterns(await readConfig({ files, logFormat }));
  return { targets: new Map(), scrapes: new Map(), querySets: await loadShippedSets() };
}

/** Whoever is matched by a pattern needs what it says. */
const withPatterns = (config: Config | undefined): Known | undefined =>
  config && {
    ...config,
    targets: new Map([
      ...config.targets,
      ...config.patterns.map(({ template, text }) => [text, { ...template, name: text }] as const),
    ]),
  };

/** With one target, whether it is enabled or not; undefined when there is none of that name. */
function onlyTarget(name: string, known: Known): Known | undefined {
  const { targets } = known;
  const matched = () =>
    [...targets.values()].find(
      ({ pattern }) => pattern && compileNamePattern(pattern.text).addressOf(name) !== undefined,
    );
  const target = targets.get(name) ?? matched();
  return target && { ...known, targets: new Map([[target.name, { ...target, enabled: true }]]) };
}
