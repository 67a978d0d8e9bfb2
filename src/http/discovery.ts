/**
 * Targets as Prometheus' service discovery reads them, over HTTP or from a file.
 *
 * https://prometheus.io/docs/prometheus/latest/http_sd/ says what it takes: one unknown key or a label that is no text
 * fails the whole list.
 */
import { addressText } from '../model/address-text.ts';
import type { Target } from '../model/config.ts';
import type { ExporterAddress } from './exporter-address.ts';

/** One entry of the list. */
export interface TargetGroup {
  readonly targets: readonly [string];
  readonly labels: Readonly<Record<string, string>>;
}

/** Which targets, and how Prometheus gets to them. */
export interface DiscoveryRequest {
  /** Targets of any of these; all when empty. */
  readonly groups: readonly string[];
  /** Of the exporter, for a list that needs no relabelling; undefined for one of names. */
  readonly exporter: ExporterAddress | undefined;
}

/**
 * The enabled targets by name, an entry each.
 *
 * The order is fixed because Prometheus knows an entry by its place.
 */
export function discover(targets: Iterable<Target>, request: DiscoveryRequest): readonly TargetGroup[] {
  const { exporter, groups } = request;
  return [...targets]
    .filter(({ enabled }) => enabled)
    .filter((target) => groups.length === 0 || target.groups.some((group) => groups.includes(group)))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((target) => ({
      targets: [exporter?.host ?? target.name],
      // What Prometheus needs comes last: no label of the file takes its place.
      labels: { ...target.labels, ...describe(target), ...(exporter && directLabels(target.name, exporter)) },
    }));
}

/** The list as its readers take it. */
export const discoveryText = (list: readonly TargetGroup[]): string =>
  `${JSON.stringify(list, undefined, 2)}\n`;

function describe({ address, groups, scrapeIntervalMs, scrapeTimeoutMs }: Target): TargetGroup['labels'] {
  const about = {
    __meta_mysql_address: addressText(address),
    // A comma around each: `,prod,` is found wherever it stands.
    __meta_mysql_groups: groups.length === 0 ? '' : `,${groups.join(',')},`,
  };
  if (scrapeIntervalMs === undefined) return about;
  // Both or none: Prometheus drops a target whose timeout is above its interval, and says so in its log only.
  return {
    ...about,
    __scrape_interval__: durationText(scrapeIntervalMs),
    __scrape_timeout__: durationText(Math.min(scrapeTimeoutMs, scrapeIntervalMs)),
  };
}

/** What relabelling would do otherwise. */
function directLabels(name: string, { isSecure, prefix }: ExporterAddress): TargetGroup['labels'] {
  return {
    ...(isSecure ? { __scheme__: 'https' } : {}),
    __metrics_path__: `${prefix}/probe`,
    __param_target: name,
    // All have one address, by which Prometheus Operator would put all of them on one shard.
    __tmp_hash: name,
    instance: name,
  };
}

/** Prometheus takes no fractions. */
const durationText = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);
