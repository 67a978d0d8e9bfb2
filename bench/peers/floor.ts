/**
 * The floor: mysql2 alone asks the statements of a probe, one after another, host after host.
 *
 * On connections that it keeps it is what no exporter can reach: no HTTP, no metrics. With a connection anew for each
 * round it does what go-gywn/query-exporter does for an instance: connect, ask, say goodbye.
 * A process of its own (floor-process.ts starts it and talks to it); ends with the one that started it.
 */
import { type Connection, createConnection } from 'mysql2';
import { answerMessages } from '../worker.ts';
import type { FloorJob, FloorResult, FloorTask } from './floor-process.ts';

function connect({ port, account, tls }: FloorJob, host: string): Promise<Connection> {
  const connection = createConnection({
    host,
    port,
    ...account,
    ...(tls ? { ssl: { rejectUnauthorized: false } } : {}),
  });
  return new Promise((resolve, reject) =>
    connection.connect((error) => (error === null ? resolve(connection) : reject(error))),
  );
}

const ask = (connection: Connection, sql: string) =>
  new Promise<void>((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true }, (error, rows) => {
      if (error !== null) reject(error);
      else if (!Array.isArray(rows)) reject(new Error('a statement without rows'));
      else resolve();
    });
  });

const close = (connection: Connection) =>
  new Promise<void>((resolve, reject) =>
    connection.end((error: Error | null | undefined) => (error ? reject(error) : resolve())),
  );

const kept = new Map<string, Connection>();

async function round(job: FloorJob, host: string): Promise<void> {
  const connection = kept.get(host) ?? (await connect(job, host));
  if (job.connections === 'kept') kept.set(host, connection);
  for (const sql of job.statements) await ask(connection, sql);
  if (job.connections === 'anew') await close(connection);
}

async function measure(job: FloorJob, { ms, mostMs, rounds }: FloorTask): Promise<FloorResult> {
  const latencies: number[] = [];
  const started = performance.now();
  let begun = 0;
  const worker = async () => {
    while (begun < rounds || performance.now() - started < ms) {
      const start = performance.now();
      if (start - started > mostMs) throw new Error(`${rounds} rounds took over ${mostMs} ms`);
      await round(job, job.hosts[begun++ % job.hosts.length] ?? '');
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: job.concurrency }, worker));
  return { seconds: (performance.now() - started) / 1000, latencies };
}

let job: FloorJob | undefined;

answerMessages(async (message: FloorJob | FloorTask): Promise<FloorResult> => {
  if ('hosts' in message) {
    job = message;
    return { seconds: 0, latencies: [] };
  }
  if (job === undefined) throw new Error('no job yet');
  return await measure(job, message);
});
