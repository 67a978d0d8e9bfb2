/**
 * `grants [SET...]`: what the account needs for query sets, as the statements that create it.
 *
 * Asks no server; `check --target` tells what an account has on one.
 */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadShippedSets } from '../config/load.ts';
import { type Account, accountText, parseAccount } from '../grants/account.ts';
import { grantsOfSet, uniqueGrants } from '../grants/needed.ts';
import { grantStatements } from '../grants/statements.ts';
import type { Config } from '../model/config.ts';
import {
  FLAVOUR_NAMES,
  FLAVOURS,
  type Flavour,
  type Grant,
  type ParamValue,
  type QuerySetDefinition,
} from '../model/query-set.ts';
import { settingsOfSet, withoutSwitchedOff } from '../model/query-settings.ts';
import { isConfigNamed } from './options/config-files.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from './options/config-options.ts';
import { writeText } from './printable.ts';
import { type ConfigOptions, readConfig } from './program.ts';
import { refuseName } from './unknown-name.ts';

interface GrantsFlags extends ConfigFlags {
  readonly flavour: Flavour | undefined;
  readonly user: Account | undefined;
}

interface GrantsOptions extends ConfigOptions {
  /** Those that the targets have when empty. */
  readonly sets: readonly string[];
  /** Both, under headings, when undefined. */
  readonly flavour: Flavour | undefined;
  /** The user that the targets log in as, from anywhere, when undefined. */
  readonly account: Account | undefined;
  /** Whether the caller named the configuration; else there may be none, and shipped sets can be named. */
  readonly isGiven: boolean;
}

/** What is known about the sets without a configuration. */
const NOTHING_CONFIGURED: Pick<Config, 'targets' | 'scrapes'> = { targets: new Map(), scrapes: new Map() };

/** Room for a second exporter beside the connections to a target, and for a KILL. */
const LEAST_CONNECTIONS = 10;

/** Adds the command. */
export function addGrants(program: Command): void {
  addConfigOptions(program.command('grants'))
    .description('print the privileges that query sets need, as GRANT statements')
    .argument('[set...]', 'query sets; without any, those that the targets have')
    .addOption(new Option('--flavour <flavour>', 'only for servers of this one').choices(FLAVOURS))
    .option(
      '--user <account>',
      "the account, such as exporter@10.0.0.5 (default: the targets' user)",
      accountOf,
    )
    .action(async (sets: string[], flags: GrantsFlags, command: Command) => {
      const options = configOptions(command, flags);
      const { flavour, user } = flags;
      process.exitCode = await grants({
        ...options,
        sets,
        flavour,
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
  const config = await configFor(options);
  if (config === undefined) return 1;
  const { querySets } = config;
  const unknown = options.sets.find((name) => !querySets.has(name));
  if (unknown !== undefined) return refuseName('query set', unknown, querySets.keys());
  const asked = askedSets(config, options.sets);
  const account = accountText(options.account ?? { user: commonUser(config), host: '%' });
  const connections = [...config.targets.values()].map(({ maxConnections }) => 2 * (maxConnections + 1));
  writeText(
    `-- CREATE USER ${account} IDENTIFIED BY 'a long password' ` +
      `WITH MAX_USER_CONNECTIONS ${Math.max(LEAST_CONNECTIONS, ...connections)};\n`,
  );
  for (const flavour of options.flavour === undefined ? FLAVOURS : [options.flavour]) {
    const needed = uniqueGrants(asked.flatMap(({ set, params }) => grantsOfSet(set, flavour, params)));
    const heading = options.flavour === undefined ? `\n-- ${FLAVOUR_NAMES[flavour]}\n` : '';
    writeText(`${heading}${lines(needed, account).join('\n')}\n`);
  }
  return 0;
}

function lines(needed: readonly Grant[], account: string): readonly string[] {
  if (needed.length === 0) return ['-- No query of these sets names a privilege in its grants.'];
  const hint = '-- A line with a table that the server does not have (error 1146) is not needed there.';
  const statements = grantStatements(needed, account);
  return needed.some(({ table }) => table !== '*') ? [hint, ...statements] : statements;
}

type Known = Pick<Config, 'targets' | 'scrapes' | 'querySets'>;

/** The configuration; where there is none and sets are named, those that are shipped. */
async function configFor({ files, isGiven, logFormat, sets }: GrantsOptions): Promise<Known | undefined> {
  const isThere = isGiven || typeof files !== 'string' || existsSync(files);
  if (isThere || sets.length === 0) return withPatterns(await readConfig({ files, logFormat }));
  return { ...NOTHING_CONFIGURED, querySets: await loadShippedSets() };
}

/** Whoever is matched by a pattern needs what it says. */
const withPatterns = (config: Config | undefined): Known | undefined =>
  config && {
    ...config,
    targets: new Map([
      ...config.targets,
      ...config.patterns.map(({ template, text }) => [text, template] as const),
    ]),
  };

interface Asked {
  readonly set: QuerySetDefinition;
  /** What a target sets. */
  readonly params: Readonly<Record<string, ParamValue>> | undefined;
}

/** The sets with the parameters of each target that has them; of a set that none has, with the defaults. */
function askedSets({ querySets, scrapes, targets }: Known, names: readonly string[]): readonly Asked[] {
  const ofScrapes = [...scrapes.values()].flatMap((scrape) =>
    scrape.members.flatMap(({ target }) => scrape.querySets.map((set) => ({ set, target }))),
  );
  const ofTargets = [...targets.values()]
    .filter(({ enabled }) => enabled)
    .flatMap(({ name, querySets: sets }) => sets.map((set) => ({ set, target: name })));
  const used = [...ofTargets, ...ofScrapes].filter(({ set }) => names.length === 0 || names.includes(set));
  const unused = names.filter((name) => !used.some(({ set }) => set === name));
  return [...used, ...unused.map((set) => ({ set, target: '' }))].flatMap(({ set: name, target }) => {
    const set = querySets.get(name);
    const { params, queries: settings } = targets.get(target) ?? {};
    if (set === undefined) return [];
    const queries = withoutSwitchedOff(set.queries, settingsOfSet(settings, name));
    return [{ set: { ...set, queries }, params: params?.[name] }];
  });
}

/** The user of all targets, when it is the same. */
function commonUser({ targets }: Known): string {
  const [user, ...others] = new Set([...targets.values()].map(({ credentials }) => credentials.user));
  return typeof user !== 'string' || others.length > 0 ? 'exporter' : user;
}
