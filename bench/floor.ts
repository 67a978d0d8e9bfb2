/**
 * The floor: mysql2 alone, on one connection, asks the statements of a probe one after another.
 *
 * A process of its own (floor-process.ts starts it and talks to it); ends with the one that started it.
 */
import { createConnection } from 'mysql2';
import type { FloorAnswer, FloorJob, FloorResult, FloorTask } from './floor-process.ts';

type Ask = (sql: string) => Promise<void>;

async function connect({ port, account, tls }: FloorJob): Promise<Ask> {
  const connection = createConnection({
    host: '127.0.0.1',
    port,
    ...account,
    ...(tls ? { ssl: { rejectUnauthorized: false } } : {}),
  });
  await new Promise<void>((resolve, reject) =>
    connection.connect((error) => (error === null ? resolve() : reject(error))),
  );
  return (sql) =>
    new Promise((resolve, reject) => {
      connection.query({ sql, rowsAsArray: true }, (error, rows) => {
        if (error !== null) reject(error);
        else if (!Array.isArray(rows)) reject(new Error('a statement without rows'));
        else resolve();
      });
    });
}

async function measure(ask: Ask, statements: readonly string[], task: FloorTask): Promise<FloorResult> {
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  while (latencies.length < task.rounds) {
    const start = performance.now();
    if (start - started > task.mostMs) throw new Error(`${task.rounds} rounds took over ${task.mostMs} ms`);
    for (const sql of statements) await ask(sql);
    latencies.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssBytes: process.memoryUsage.rss(),
    latencies,
  };
}

function answer(message: FloorAnswer): void {
  process.send?.(message);
}

let asking: { readonly ask: Promise<Ask>; readonly statements: readonly string[] } | undefined;

process.on('message', (message: FloorJob | FloorTask) => {
  if ('statements' in message) asking = { ask: connect(message), statements: message.statements };
  const { ask, statements } = asking ?? { ask: Promise.reject(new Error('no job yet')), statements: [] };
  ask
    .then((ready) => measure(ready, statements, 'rounds' in message ? message : { rounds: 0, mostMs: 0 }))
    .then(
      (result) => answer({ ok: true, result }),
      (cause: unknown) =>
        answer({ ok: false, message: cause instanceof Error ? cause.message : String(cause) }),
    );
});
process.on('disconnect', () => process.exit(0));
