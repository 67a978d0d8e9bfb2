/**
 * Settings of V8 for a program that loads much once and then does the same for months.
 *
 * All of them can be set while the program runs, so that they hold however it is started. What the operator says of
 * the same thing, on the command line of Node.js or in NODE_OPTIONS, stays as it is.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How far the heap may grow beyond what was alive, in percent, before it is looked through as a whole. V8 takes up to
 * 300: with a thousand targets that took 240 MiB where 75 took 175 (Node 20.20), and this takes 11 to 16 less than 75, for
 * 2 % more CPU. It is no limit.
 */
const HEAP_GROWTH = 40;

/**
 * Bytes of each half of the space for young objects. V8 lets a half grow to 16 MiB on Node 20 and 22, to 64 on 24, to 32 on
 * 26, and what waits there to be collected holds several times as many bytes of buffers beside the heap. With half of
 * this the CPU of a probe is a sixth higher.
 */
export const YOUNG_BYTES = 2 << 20;

/**
 * To be called at the start. Nothing that loads a configuration runs for long enough to pay for being optimized, which is
 * a third of the CPU of a start with a thousand targets; and most of what is made then stays, so that a large space for
 * young objects gains nothing.
 *
 * @returns to be called when it is over
 */
export function tuneForStart(): () => void {
  const fixesYoung = !isSaid('semi-space');
  if (!isSaid('heap-growing-percent')) setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  if (fixesYoung) growYoungBy(1);
  setFlagsFromString('--no-opt');
  // The earlier ones have it switched off, and what is off stays off.
  const hasMaglev = NODE >= 24 && !isSaid('maglev');
  if (hasMaglev) setFlagsFromString('--no-maglev');
  return () => {
    setFlagsFromString('--opt');
    if (hasMaglev) setFlagsFromString('--maglev');
    collect();
    if (fixesYoung) fixYoung();
  };
}

const NODE = Number.parseInt(process.versions.node, 10);

/** Whether the operator has an opinion of a setting whose name has this word in it. */
function isSaid(word: string): boolean {
  const said = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  return said.replaceAll('_', '-').includes(word);
}

/**
 * A third of the heap is garbage of the start by now, and V8 derives from what it finds how far the heap may grow. The
 * last resort also gives back the pages: 20 MiB with a thousand targets on Node 24 and 26, for 50 ms. Node 20 takes any
 * argument for the wish to look at young objects only.
 */
function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options?: object) => void;
  setFlagsFromString('--no-expose-gc');
  if (NODE >= 24) gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  else gc();
}

/**
 * Gives the space for young objects its size and keeps it there; V8 has no limit that can be set later. It is looked at
 * after each collection of the whole heap, as V8 makes the space smaller then when little is done.
 */
function fixYoung(): void {
  // So small a space is looked through sooner by one thread than by several that have to be woken.
  setFlagsFromString('--no-parallel-scavenge');
  growYoung();
  new PerformanceObserver((list) => {
    if (list.getEntries().some(isWhole)) growYoung();
  }).observe({ entryTypes: ['gc'] });
}

/** Entries of collections have more than the type says. */
const isWhole = (entry: object): boolean =>
  (entry as { readonly detail: { readonly kind: number } }).detail.kind ===
  constants.NODE_PERFORMANCE_GC_MAJOR;

/** The space doubles when as much has survived in it as a half can take. */
function growYoung(): void {
  growYoungBy(2);
  const surviving: unknown[] = [];
  for (let kept = 0; youngBytes() < 0.75 * YOUNG_BYTES && kept < 8 * YOUNG_BYTES; kept += PIECE_BYTES)
    surviving.push(Array.from({ length: PIECE_BYTES / 8_000 }, () => new Array(1_000).fill(0)));
  growYoungBy(1);
}

/** Far less than a half takes at first, so that it does not grow twice between two looks. */
const PIECE_BYTES = 128_000;

/** The factor by which the space for young objects grows; 1 for never. */
const growYoungBy = (factor: 1 | 2): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);

/** What a half may take now; how much of the space is there already differs from moment to moment. */
function youngBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return space === undefined ? 0 : space.space_used_size + space.space_available_size;
}
