/**
 * Texts of a result of keys and values as the labels of one sample, such as `mysql_version_info`.
 */
import { type InfoDefinition, MAX_LABEL_LENGTH, type PivotDefinition } from '../../model/metric.ts';
import { METRIC_TYPE_RULES } from '../../model/metric-type.ts';
import type { SampleSink } from '../../model/samples.ts';
import { labelText } from '../cells/label-text.ts';
import type { FamilyTable } from '../family-table.ts';

export interface InfoMap {
  /** Whose values are looked at. */
  readonly keys: ReadonlySet<string>;
  /** @param texts values by key, as far as there are some */
  readonly emit: (texts: ReadonlyMap<string, string>, sink: SampleSink) => void;
}

/** Compiles the `info` of a pivot. */
export function compileInfos({ infos }: PivotDefinition, families: FamilyTable): InfoMap {
  const compiled = infos.map((info) => ({
    info,
    family: families.define(info.family, METRIC_TYPE_RULES.info.exposedAs, info.help),
  }));
  return {
    keys: new Set(infos.flatMap(({ labels, need }) => [...Object.values(labels).flat(), ...need])),
    emit: (texts, sink) => {
      for (const { family, info } of compiled) {
        if (info.need.length === 0 || firstText(info.need, texts) !== '') {
          sink.sample(family, labelText(infoLabels(info, texts)), 1);
        }
      }
    },
  };
}

function infoLabels({ labels }: InfoDefinition, texts: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, keys]) => [name, firstText(keys, texts).slice(0, MAX_LABEL_LENGTH)]),
  );
}

/** Of the first of these keys that came with one. */
function firstText(keys: readonly string[], texts: ReadonlyMap<string, string>): string {
  for (const key of keys) {
    const text = texts.get(key) ?? '';
    if (text !== '') return text;
  }
  return '';
}
