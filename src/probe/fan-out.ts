/**
 * One scrape of several targets: parallel probes in one answer, distinguished by the label `instance`.
 *
 * A target that is dead or slow costs its own samples: the others' queries do not wait for it.
 */

import type { Deadline } from '../deadline.ts';
import { ProbeRegistry } from '../exposition/probe-registry.ts';
import { Samples } from '../exposition/samples.ts';
import { PROBE_FAMILIES } from '../model/families.ts';
import type { ScrapePlan } from './catalog.ts';
import type { Snapshot } from './execution.ts';
import type { Prober } from './prober.ts';
import { failureOf } from './query/outcome.ts';

/** Probes all targets at once; answers when `until` ends at the latest. Canceling it leaves all probes; `client` is who asks. */
export async function fanOut(
  scrape: ScrapePlan,
  prober: Prober,
  until: Deadline,
  client?: string,
): Promise<ProbeRegistry> {
  const answers = await prober.probeAll(scrape.members, until, client);
  const all = new ProbeRegistry();
  const meta = new Samples();
  for (const { label, registry, snapshot } of answers) {
    meta.sample(PROBE_FAMILIES.status, label, succeeded(snapshot) ? 1 : 0);
    all.addMember(registry, label);
  }
  all.add(meta);
  return all;
}

function succeeded({ down, outcomes }: Snapshot): boolean {
  return down === undefined && [...outcomes.values()].every((outcome) => failureOf(outcome) === undefined);
}
