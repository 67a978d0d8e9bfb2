/**
 * Where the exporter's main thread spends its time: a CPU profile summed up by function and by part.
 */

/** What `node --cpu-prof` writes, as far as it is read here; times in microseconds. */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

export interface ProfileSummary {
  /** Share of the time in which the thread did something. */
  readonly busy: number;
  /** Shares of the busy time, largest first. */
  readonly parts: readonly (readonly [string, number])[];
  readonly functions: readonly (readonly [string, number])[];
}

/** The first that matches a frame's file counts; what matches none belongs to its caller. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['statements and answers', /dist-modules\/mysql\/protocol/],
  ['deadlines', /dist-modules\/deadline/],
  ['pool and connections', /dist-modules\/mysql\//],
  ['mapping rows', /dist-modules\/query-set\//],
  ['rendering', /dist-modules\/(exposition|probe\/render)/],
  ['running a probe', /dist-modules\/probe\/|node_modules\/(p-limit|yocto-queue)\//],
  ['HTTP handlers', /dist-modules\/http\//],
  ['configuration', /dist-modules\/(config|commands)\/|node_modules\/yaml\//],
  ['own metrics, log', /dist-modules\/|prom-client/],
  ['mysql2', /node_modules\/(mysql2|sqlstring|iconv-lite|long|lru)/],
  ['gzip', /^node:(internal\/)?zlib/],
  ['zod', /node_modules\/zod\//],
  ['Fastify', /node_modules\//],
  ['node: HTTP', /^node:(_http|http|internal\/http|url|internal\/url|querystring)/],
  ['node: timers', /^node:(internal\/)?timers/],
];
const GARBAGE = 'garbage collection';
const NOBODY = 'node: sockets, event loop';

/** Sums up the last `lastMs` milliseconds of a profile. */
export function summarise(profileText: string, lastMs: number): ProfileSummary {
  const { nodes, samples, timeDeltas } = JSON.parse(profileText) as CpuProfile;
  const selfTime = selfTimes(samples, timeDeltas, lastMs * 1000);
  const parts = new Map<string, number>();
  const functions = new Map<string, number>();
  const partOf = partsOf(nodes);
  let idle = 0;
  let busy = 0;
  for (const node of nodes) {
    const time = selfTime.get(node.id) ?? 0;
    if (node.callFrame.functionName === '(idle)') {
      idle += time;
      continue;
    }
    busy += time;
    add(parts, partOf.get(node.id) ?? NOBODY, time);
    add(functions, describe(node), time);
  }
  const shares = (times: ReadonlyMap<string, number>) =>
    [...times].map(([name, time]) => [name, time / busy] as const).sort((a, b) => b[1] - a[1]);
  return { busy: busy / (busy + idle), parts: shares(parts), functions: shares(functions) };
}

function selfTimes(
  samples: readonly number[],
  deltas: readonly number[],
  window: number,
): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  let seen = 0;
  for (let i = samples.length - 1; i > 0 && seen < window; i--) {
    // A sample stands for the time until the next one.
    const time = deltas[i + 1] ?? 0;
    seen += time;
    add(times, samples[i] ?? 0, time);
  }
  return times;
}

function partsOf(nodes: readonly ProfileNode[]): ReadonlyMap<number, string> {
  const parts = new Map<number, string>();
  // A node comes after its parent.
  for (const { id, callFrame, children } of nodes) {
    const part =
      callFrame.functionName === '(garbage collector)'
        ? GARBAGE
        : (PARTS.find(([, file]) => file.test(callFrame.url))?.[0] ?? parts.get(id));
    if (part === undefined) continue;
    parts.set(id, part);
    for (const child of children ?? []) parts.set(child, part);
  }
  return parts;
}

function describe({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  // Files by their place in the project or the package, not on this machine.
  const file = /(?:dist|node_modules)\/.*$|^node:.*$/.exec(url)?.[0].replace('node_modules/', '');
  return file === undefined ? name : `${name} ${file}:${lineNumber + 1}`;
}

function add<K>(sums: Map<K, number>, key: K, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}
