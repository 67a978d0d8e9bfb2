/**
 * Who probes: our exporter and mysqld_exporter, for the same query sets of the one server, and what each has to answer.
 */
import { refuseUpstream } from '../answers.ts';
import type { Site } from '../experiment.ts';
import { loadOf, startOurs } from '../exporter.ts';
import type { Load } from '../load.ts';
import { startUpstream } from '../peers/upstream.ts';
import { addressOf } from '../server.ts';
import type { Side } from './lines.ts';

export interface Probing {
  readonly probing: Readonly<Record<Exclude<Side, 'without'>, Load>>;
  /** Of ours that succeed. */
  readonly queries: number;
  /** Of mysqld_exporter's that succeed. */
  readonly collectors: readonly string[];
  readonly upstreamVersion: string;
  readonly stop: () => Promise<void>;
}

/** The share that a query may take is the one that users have by default. */
const MAX_LOAD = '10%';

/** Both have been asked once: their connections are open, and what they answer is known. */
export async function startProbing(site: Site, sets: readonly string[]): Promise<Probing> {
  const ours = await startOurs(site, { targets: 1, sets, maxLoad: MAX_LOAD });
  const upstream = await startUpstream(site.folder, sets);
  const ofUpstream = {
    url: `${upstream.url}/probe?target=`,
    targets: [`${addressOf(0)}:${site.server.port}`],
    gzip: site.options.gzip,
  };
  const queries = (await succeeded(loadOf(ours, site.options, 0), /^query_exporter_query_success\{.*\} 1$/gm))
    .length;
  // Some collectors are for the other flavour, and fail.
  const lines = await succeeded(
    ofUpstream,
    /^mysql_exporter_collector_success\{collector="collect\..*"\} 1$/gm,
  );
  const collectors = upstream.collectors.filter((name) =>
    lines.some((line) => line.includes(`"collect.${name}"`)),
  );
  return {
    probing: {
      exporter: loadOf(ours, site.options, queries),
      mysqld_exporter: { ...ofUpstream, refuse: refuseUpstream(lines.length) },
    },
    ...{ queries, collectors, upstreamVersion: upstream.version },
    stop: async () => {
      await ours.stop();
      await upstream.stop();
    },
  };
}

/** The lines of one answer that say so. */
async function succeeded(
  { targets: [target = ''], url }: Pick<Load, 'targets' | 'url'>,
  line: RegExp,
): Promise<readonly string[]> {
  const answer = await fetch(url + target, { signal: AbortSignal.timeout(30_000) });
  const lines = (await answer.text()).match(line);
  if (lines === null) throw new Error(`nothing succeeds at ${url}${target}`);
  return lines;
}
