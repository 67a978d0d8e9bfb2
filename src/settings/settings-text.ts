/**
 * Settings of a target as a targets.yml that has it alone, with the origin of each at the end of its line.
 */
import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Config, Credentials, Target } from '../model/config.ts';
import { replaceUnseen } from '../visible-text.ts';
import { authModuleOf, settingsOfModule } from './login.ts';
import { BUILT_IN, type Origin, originText, targetOrigins } from './origin.ts';
import { group, list, type Plain, type Setting, setting } from './setting.ts';
import { settingsOfTarget } from './target-settings.ts';

/** The text; it loads with the query files that the configuration names. Secrets are masked in it. */
export function settingsText(config: Config, target: Target): string {
  return textOf([...besideTargets(config, [target]), targetSetting(config, target)]);
}

/**
 * As `settingsText`, of all targets and patterns, in parts: to make the whole takes as long as many probes.
 */
export function* configText(config: Config): Generator<string> {
  const targets = [...config.targets.values(), ...config.patterns.map(({ template }) => template)];
  yield textOf(besideTargets(config, targets));
  for (const [i, target] of targets.entries()) {
    const text = textOf([targetSetting(config, target)]);
    yield i === 0 ? text : text.slice(text.indexOf('\n') + 1);
  }
}

function textOf(settings: readonly Setting[]): string {
  const document = new Document();
  document.contents = mapOf(settings, document);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const targetSetting = (config: Config, target: Target): Setting => ({
  key: 'targets',
  settings: [{ key: target.name, settings: settingsOfTarget(config, target) }],
});

/** What targets refer to. */
function besideTargets(config: Config, targets: readonly Target[]): readonly Setting[] {
  const { origins } = config;
  const [first] = targets;
  const from = origins && first && targetOrigins(origins, first);
  const modules = new Map(targets.flatMap((target) => modulesOf(config, target)));
  const groups = new Set(targets.flatMap((target) => target.groups));
  return [
    ...queryFilesOf(config),
    // No other level has this key.
    ...group('defaults', setting('target_labels', first?.exposesLabels, from?.of('target_labels'))),
    ...group(
      'auth_modules',
      [...modules].map(
        ([name, credentials]): Setting => ({
          key: name,
          settings: settingsOfModule(name, credentials, config),
        }),
      ),
    ),
    ...group(
      'groups',
      [...groups].map((name): Setting => ({ key: name, settings: [] })),
    ),
  ];
}

function queryFilesOf({ origins }: Config): readonly Setting[] {
  if (origins === undefined) return [];
  const { file, queryFiles } = origins;
  if (queryFiles === undefined) return list('query_files', ['builtin'], () => BUILT_IN);
  const place = { file, line: queryFiles.line };
  return list('query_files', queryFiles.patterns, () => ({ level: 'file', place, variables: [] }));
}

/** Those that it logs in as, or that a URL may choose. */
function modulesOf(config: Config, target: Target): readonly (readonly [string, Credentials])[] {
  const own = authModuleOf(target, config);
  const modules = new Map(target.authModules);
  if (own !== undefined) modules.set(own, target.credentials);
  return [...modules];
}

function mapOf(settings: readonly Setting[], document: Document): YAMLMap {
  const map = new YAMLMap(document.schema);
  const notes: string[] = [];
  for (const one of settings) {
    if ('note' in one) {
      const origin = one.origin === undefined ? '' : `  # ${originText(one.origin)}`;
      notes.push(` ${one.key}: ${one.note}${origin}`);
      continue;
    }
    const key = new Scalar(one.key);
    if (notes.length > 0) key.commentBefore = printable(notes.splice(0).join('\n'));
    map.items.push(new Pair(key, nodeOf(one, document)));
  }
  return map;
}

function nodeOf(one: Exclude<Setting, { readonly note: string }>, document: Document): Node {
  if ('settings' in one) return mapOf(one.settings, document);
  if ('value' in one) return withOrigin(document.createNode(plain(one.value)), one.origin);
  const entries = new YAMLSeq(document.schema);
  for (const { origin, value } of one.entries)
    entries.items.push(withOrigin(new Scalar(withoutVariables(value)), origin));
  return entries;
}

function withOrigin<Value extends Node>(node: Value, origin: Origin | undefined): Value {
  if (node instanceof YAMLSeq) node.flow = true;
  if (origin !== undefined) node.comment = printable(` ${originText(origin)}`);
  return node;
}

/** No part of a text is to be read as a variable. */
const plain = (value: Plain): Plain =>
  typeof value === 'string'
    ? withoutVariables(value)
    : typeof value === 'object'
      ? value.map(withoutVariables)
      : value;

const withoutVariables = (text: string): string => text.replaceAll('$', '$$$$');

/** A comment ends at any kind of line break. */
const printable = (comment: string): string =>
  replaceUnseen(comment, (character) => (character === '\n' ? character : ' '));
