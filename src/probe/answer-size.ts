/**
 * Keeps one answer, of one target or several, below a size: queries lose their samples, the largest first.
 *
 * Sizes are those of the uncompressed text. The samples of a probe besides those of its queries are always kept.
 */
import { labelNames, RENAMED } from '../exposition/label-names.ts';
import { headerText, maxLength } from '../exposition/layout-text.ts';
import { materialize, Samples } from '../exposition/samples.ts';
import { PROBE_FAMILIES } from '../model/families.ts';
import type { Family } from '../model/samples.ts';
import type { Plan, PlannedQuery } from './catalog.ts';
import type { Snapshot } from './execution.ts';
import type { QueryOutcome } from './query/outcome.ts';
import { describeRun, type Timing } from './render.ts';

/** What one target adds to an answer. */
export interface TargetAnswer {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly timing: Timing;
  /** The samples of the probe besides those of its queries. */
  readonly meta: Samples;
  /** Will be put on every sample; mostly empty in an answer of one target. */
  readonly label: string;
}

/** A query whose samples had no room. */
export interface LeftOut {
  readonly target: string;
  readonly planned: PlannedQuery;
  readonly bytes: number;
}

interface Fitted {
  readonly parts: readonly TargetAnswer[];
  readonly leftOut: readonly LeftOut[];
}

/** The parts as they are if they fit; else without the samples of some queries, whose outcome is `limit` then. */
export function withinBytes(parts: readonly TargetAnswer[], maxBytes: number): Fitted {
  let atMost = 0;
  for (const part of parts) atMost += mostBytes(part);
  return atMost <= maxBytes ? { parts, leftOut: [] } : shrink(parts, maxBytes);
}

/** No less than the part has in an answer: looks at each family once and counts what parts share several times. */
function mostBytes({ meta, label, snapshot }: TargetAnswer): number {
  let bytes = mostBytesOf(meta, label);
  for (const outcome of snapshot.outcomes.values())
    if (outcome.ok) bytes += mostBytesOf(outcome.samples, label);
  return bytes;
}

function mostBytesOf({ count, families, filled, isAscii }: Samples, label: string): number {
  const perUnit = isAscii ? 1 : 3;
  let bytes = 0;
  if (label !== '') {
    const renamed = labelNames(label).length * 2 * RENAMED.length;
    bytes = count * (label.length * 3 + BETWEEN + renamed);
  }
  for (const [{ help, name, type }, { text }] of families)
    bytes += text.length * perUnit + HEADER + type.length + name.length * 2 + help.length * 3;
  for (const one of filled) bytes += maxLength(one);
  return bytes;
}

/** `# HELP  \n# TYPE  \n`, around the name twice, the help and the type. */
const HEADER = 18;
/** A comma behind a further label, or the braces around the only one. */
const BETWEEN = 2;

interface Weighed {
  readonly part: TargetAnswer;
  readonly planned: PlannedQuery;
  readonly outcome: QueryOutcome & { readonly ok: true };
  readonly bytes: number;
}

function shrink(parts: readonly TargetAnswer[], maxBytes: number): Fitted {
  const size = new AnswerSize();
  const weighed: Weighed[] = [];
  for (const part of parts) {
    size.add(part.meta, part.label);
    for (const [planned, outcome] of part.snapshot.outcomes) {
      if (!outcome.ok || outcome.samples.count === 0) continue;
      weighed.push({ part, planned, outcome, bytes: size.add(outcome.samples, part.label) });
    }
  }
  weighed.sort((one, other) => other.bytes - one.bytes);
  const out = new Map<TargetAnswer, Weighed[]>();
  const leftOut: LeftOut[] = [];
  for (const one of weighed) {
    if (size.bytes <= maxBytes) break;
    const { bytes, outcome, part, planned } = one;
    size.remove(outcome.samples, part.label);
    size.add(errorOf(planned), part.label);
    const queries = out.get(part);
    if (queries === undefined) out.set(part, [one]);
    else queries.push(one);
    leftOut.push({ target: part.plan.target.name, planned, bytes });
  }
  return { parts: parts.map((part) => without(part, out.get(part) ?? [], maxBytes)), leftOut };
}

/** What an answer has instead of the query's samples. */
function errorOf({ labels }: PlannedQuery): Samples {
  const error = new Samples();
  error.sample(PROBE_FAMILIES.queryError, `${labels},reason="limit"`, 1);
  return error;
}

function without(part: TargetAnswer, queries: readonly Weighed[], maxBytes: number): TargetAnswer {
  if (queries.length === 0) return part;
  const outcomes = new Map(part.snapshot.outcomes);
  for (const { bytes, outcome, planned } of queries) {
    const detail = `${bytes} bytes of samples have no room in an answer of ${maxBytes} (--web.max-response-bytes)`;
    const { rows, seconds } = outcome;
    outcomes.set(planned, { ok: false, reason: 'limit', detail, rows, seconds });
  }
  const snapshot = { ...part.snapshot, outcomes };
  return { ...part, snapshot, meta: describeRun(part.plan, snapshot, part.timing) };
}

/** Counts bytes exactly: HELP and TYPE of a family once, however many queries and targets have it. */
class AnswerSize {
  readonly #users = new Map<Family, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns the bytes of these samples alone. */
  add(samples: Samples, label: string): number {
    const lines = bytesOf(samples, label);
    this.#bytes += lines;
    for (const family of familiesOf(samples)) {
      const users = this.#users.get(family) ?? 0;
      this.#users.set(family, users + 1);
      if (users === 0) this.#bytes += headerBytes(family);
    }
    return lines;
  }

  remove(samples: Samples, label: string): void {
    this.#bytes -= bytesOf(samples, label);
    for (const family of familiesOf(samples)) {
      const users = (this.#users.get(family) ?? 1) - 1;
      this.#users.set(family, users);
      if (users === 0) this.#bytes -= headerBytes(family);
    }
  }
}

function bytesOf(samples: Samples, label: string): number {
  let bytes = label === '' ? 0 : samples.count * (Buffer.byteLength(label) + BETWEEN);
  const names = labelNames(label);
  for (const { families, isAscii } of materialize(samples)) {
    for (const { text } of families.values()) {
      bytes += isAscii ? text.length : Buffer.byteLength(text);
      for (const name of names) bytes += (text.split(`${name}="`).length - 1) * RENAMED.length;
    }
  }
  return bytes;
}

const familiesOf = (samples: Samples): ReadonlySet<Family> =>
  new Set(materialize(samples).flatMap(({ families }) => [...families.keys()]));

const headerBytes = (family: Family): number => Buffer.byteLength(headerText(family));
