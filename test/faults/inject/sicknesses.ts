/**
 * The ways in which a target of the isolation part is sick, and the reasons that an answer may then give.
 */
import type { Expected } from '../judge.ts';
import { WHOLE } from '../judge.ts';
import type { FaultProxy, Mode } from './proxy.ts';

export interface Sickness {
  readonly name: string;
  /** So many of the 200 targets. */
  readonly targets: number;
  /** One after the other; the last one stays. */
  readonly modes: readonly Mode[];
  readonly expected: Expected;
  /** Whether its targets insist on TLS. */
  readonly encrypted?: boolean;
}

const REFUSE: Mode = { kind: 'refuse' };
/** Within the long result of judge.ts. */
const MIDWAY = 8_000;
/** Behind the greeting, and within the first words of TLS, be they of a new session or of one resumed. */
const MID_HANDSHAKE = 200;

const failing = (...reasons: Expected['reasons']): Expected => ({ reasons, mustFail: true });

export const SICKNESSES: readonly Sickness[] = [
  {
    name: 'silent',
    targets: 5,
    modes: [{ kind: 'stall', after: 0 }],
    // Open connections do not answer a statement, new ones have no greeting.
    expected: failing('timeout', 'connect_timeout', 'queue'),
  },
  { name: 'refusing', targets: 5, modes: [REFUSE], expected: failing('refused') },
  { name: 'black hole', targets: 3, modes: [{ kind: 'black_hole' }], expected: failing('connect_timeout') },
  {
    name: 'stalling within the greeting',
    targets: 4,
    modes: [REFUSE, { kind: 'stall', after: 30 }],
    expected: failing('connect_timeout'),
  },
  {
    name: 'stalling after the greeting',
    targets: 4,
    modes: [{ kind: 'stall', after: 'greeting' }],
    expected: failing('connect_timeout'),
  },
  {
    name: 'stalling mid-result',
    targets: 5,
    modes: [{ kind: 'stall', after: MIDWAY }],
    expected: failing('timeout', 'queue'),
  },
  {
    name: 'trickling',
    targets: 5,
    modes: [{ kind: 'trickle', bytes: 100, everyMs: 50 }],
    expected: failing('timeout', 'queue'),
  },
  {
    name: 'cutting mid-result',
    targets: 4,
    modes: [{ kind: 'cut', after: MIDWAY }],
    expected: failing('lost'),
  },
  {
    name: 'corrupting',
    targets: 3,
    modes: [{ kind: 'corrupt', after: MIDWAY }],
    expected: failing('lost', 'limit', 'timeout', 'queue'),
  },
  {
    name: 'TLS that is never begun',
    targets: 3,
    modes: [{ kind: 'stall', after: 'greeting' }],
    expected: failing('connect_timeout'),
    encrypted: true,
  },
  {
    name: 'TLS that never finishes',
    targets: 3,
    modes: [REFUSE, { kind: 'stall', after: MID_HANDSHAKE }],
    expected: failing('connect_timeout'),
    encrypted: true,
  },
  {
    name: 'corrupting inside TLS',
    targets: 2,
    modes: [{ kind: 'corrupt', after: MIDWAY }],
    expected: failing('lost', 'timeout', 'queue'),
    encrypted: true,
  },
];

/** Slow, but well: a server on another continent. */
export const FAR_AWAY: Sickness = {
  name: 'far away (delay of 60 ms)',
  targets: 4,
  modes: [{ kind: 'delay', ms: 60 }],
  expected: WHOLE,
};

export async function fallIll(proxy: FaultProxy, { modes }: Sickness): Promise<void> {
  for (const mode of modes) await proxy.set(mode);
}
