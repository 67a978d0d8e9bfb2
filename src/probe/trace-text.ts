/**
 * A traced probe as text: who was asked, what happened when, and the samples.
 */
import { addressText } from '../model/address-text.ts';
import { replaceUnseen } from '../visible-text.ts';
import type { Plan } from './catalog.ts';
import type { TracedAnswer } from './prober.ts';

/** @param budgetMs the time that the probe could take */
export function traceText(
  { authModule, sets, target }: Plan,
  { events, registry, snapshot }: TracedAnswer,
  budgetMs: number,
): string {
  const queries = sets.flatMap((set) => set.queries);
  const settings = [
    ['target', target.name],
    ['address', addressText(target.address)],
    ...(authModule === undefined ? [] : [['auth module', authModule]]),
    ['TLS', target.tls.mode],
    ['query sets', sets.map(({ name }) => name).join(' ')],
    ['queries', `${queries.length}, ${target.maxConnections} at once`],
    ['time', `${(budgetMs / 1000).toFixed(1)} s`],
    [
      'outcome',
      snapshot.down === undefined ? 'up' : `down: ${snapshot.down.reason}, ${snapshot.down.detail}`,
    ],
  ];
  const head = settings.map(([key = '', value = '']) => `${key.padEnd(12)}${visible(value)}`);
  const course = events.map(({ ms, text }) => `${ms.toFixed(1).padStart(9)}  ${visible(text)}`);
  const samples = registry.render().text;
  return `${head.join('\n')}\n\n${'ms'.padStart(9)}\n${course.join('\n')}\n\nsamples:\n${samples}`;
}

/** A statement has line breaks, and each event has one line. */
const visible = (text: string): string => replaceUnseen(text, () => ' ');
