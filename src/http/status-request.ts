/**
 * What the URL of a status page, or of its JSON, asks for.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { FleetReport } from '../fleet/fleet.ts';
import type { Target } from '../model/config.ts';
import type { Generation } from '../probe/generation.ts';
import { type Selection, SORTS, stateNamed } from '../status/selection.ts';
import type { StatusSources } from '../status/sources.ts';
import { STATES } from '../status/target-summary.ts';
import type { Services } from './route.ts';
import { quote, urlParameters } from './url-parameters.ts';

export type ParsedSelection =
  | { readonly ok: true; readonly selection: Selection; readonly refreshes: boolean }
  | { readonly ok: false; readonly sentence: string };

const parameters = urlParameters(['q', 'wrong', 'state', 'sort', 'refresh']);

/** Reads `q`, `wrong`, `state` and `sort`; `refresh` means something to the page alone. */
export function parseSelection(query: unknown): ParsedSelection {
  const unknown = parameters.unknownIn(query);
  if (unknown !== undefined) return refused(unknown);
  const { q, refresh, sort: sorts, state: states, wrong } = parameters.read(query);
  const [sort = 'name'] = sorts.filter((word) => word !== '');
  const [word] = states.filter((one) => one !== '');
  const state = word === undefined ? undefined : stateNamed(word);
  const known = SORTS.find((one) => one === sort);
  if (known === undefined) return refused(`unknown sort ${quote(sort)}${hint(sort, SORTS)}`);
  if (word !== undefined && state === undefined)
    return refused(`unknown state ${quote(word)}${hint(word, STATES)}`);
  return {
    ok: true,
    selection: {
      text: q.join(' '),
      onlyWrong: isOn(wrong),
      state,
      sort: known,
    },
    refreshes: isOn(refresh),
  };
}

const isOn = (values: readonly string[]): boolean => values.includes('1') || values.includes('true');

const hint = (word: string, known: readonly string[]): string =>
  didYouMean(word, known) || `; there are: ${known.join(', ')}`;

const refused = (sentence: string): ParsedSelection => ({ ok: false, sentence });

export type FoundTarget =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly sentence: string };

/** The target that the rest of the path names: one that is listed, one that a pattern makes of it, or the pattern itself. */
export function findTarget(request: FastifyRequest, { catalog }: Generation): FoundTarget {
  const name = (request.params as { readonly '*': string })['*'];
  const pattern = catalog.patterns.find(({ text }) => text === name);
  const target = pattern?.template ?? catalog.find(name);
  return target === undefined
    ? { ok: false, sentence: `unknown target ${quote(name)}${didYouMean(name, catalog.targets.keys())}` }
    : { ok: true, target };
}

/** What the answers are made of. */
export function statusSources(generation: Generation, { history, pools, prober }: Services): StatusSources {
  return {
    ...{ generation, history, pools, namesInUse: prober.targetsInUse },
    loadIntervalOf: (target, planned) => prober.loadIntervalOf(target, planned),
  };
}

/** What the targets tell together. */
export async function fleetReport({ config }: Generation, { fleet, prober }: Services): Promise<FleetReport> {
  const report = fleet.report([...config.targets.values(), ...prober.targetsInUse]);
  // Of a thousand targets this and the answer each take ten milliseconds and more: probes have the thread in between.
  await turnOfTheLoop();
  return report;
}
