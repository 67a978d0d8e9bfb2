/**
 * What makes an answer of an exporter a full success. Anything less would be cheaper, and measured for nothing.
 */
import type { Load } from './load.ts';

const lineWith = (text: string, start: string) => new RegExp(`^${start}.*$`, 'm').exec(text)?.[0];

/** Ours: so many queries succeeded and none failed; those not meant for the server are skipped. */
export function refuseOurs(queries: number): Load['refuse'] {
  return (text) => {
    if (!/^mysql_up 1$/m.test(text)) return lineWith(text, 'query_exporter_probe_error') ?? 'no "mysql_up 1"';
    const error = lineWith(text, 'query_exporter_query_error\\{');
    if (error !== undefined) return error;
    const good = (text.match(/^query_exporter_query_success\{.*\} 1$/gm) ?? []).length;
    return good < queries ? `${good} of ${queries} queries succeeded` : undefined;
  };
}

/** mysqld_exporter's: so many collectors, all successful. */
export function refuseUpstream(collectors: number): Load['refuse'] {
  return (text) => {
    if (!/^mysql_up 1$/m.test(text)) return 'no "mysql_up 1"';
    const good = (text.match(/^mysql_exporter_collector_success\{collector="collect\..*"\} 1$/gm) ?? [])
      .length;
    return good === collectors ? undefined : `${good} of ${collectors} collectors succeeded`;
  };
}
