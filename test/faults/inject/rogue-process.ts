/**
 * The process in which the rogue servers live: what they pour out must not hold up the scraper that judges the answers,
 * and what the scraper is busy with must not keep a rogue from accepting a connection.
 *
 * Told by rogue-house.ts, which started it, what to do.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answering, result, type ScriptedServer, scriptedServer } from '../../support/scripted-server.ts';
import { prepareFloods, ROGUES, SECRET } from './rogues.ts';

/** What the house asks, in the order of its asking. */
export type Question = 'what was told' | 'close';

/** How one of them can be reached, by its place in the list. */
export interface Addresses {
  readonly rogues: readonly number[];
  readonly inventor: number;
}

/** What one of them has been told by its clients, and how many of these are there still. */
export interface Told {
  readonly name: string;
  readonly password: boolean;
  readonly file: boolean;
  readonly open: number;
}

export interface Report {
  readonly told: readonly Told[];
  /** The longest that a connection may have waited to be accepted. */
  readonly longestTurnMs: number;
}

let inventions = 0;

const inventor = answering((peer, sql) => {
  const names = Array.from({ length: 3_000 }, () => `invented_${inventions++}`);
  peer.send(
    ...(sql.startsWith('SHOW')
      ? result(
          ['Variable_name', 'Value'],
          [...names.map((name) => [name, '1']), ['Uptime', `${'7'.repeat(200_000)}x`]],
        )
      : result(['v'], [['5']])),
  );
});

function report(servers: readonly ScriptedServer[], longestTurnMs: number): Report {
  const told = servers.map(({ open, peers }, i) => ({
    name: ROGUES[i]?.name ?? '',
    password: peers.some((peer) => peer.sent(SECRET)),
    file: peers.some((peer) => peer.sent('root:')),
    open,
  }));
  return { told, longestTurnMs };
}

const tell = (what: Addresses | Report) => process.send?.(what);

prepareFloods();
const rogues = await Promise.all(ROGUES.map(({ script }) => scriptedServer(script)));
const inventing = await scriptedServer(inventor);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('message', async (question: Question) => {
  if (question === 'what was told') tell(report(rogues, delay.max / 1e6));
  else {
    for (const server of [...rogues, inventing]) await server.close(); // rejects, and ends us, when a script failed
    process.disconnect();
  }
});
process.once('disconnect', () => process.exit(process.exitCode));
tell({ rogues: rogues.map(({ port }) => port), inventor: inventing.port });
