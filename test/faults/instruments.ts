/**
 * Loaded into the exporter before itself: what a test needs to see and to fake from outside.
 *
 * Its name server is that of the test, because a machine's resolv.conf is not ours to change, SIGUSR2
 * collects garbage, because a heap can only be compared with an earlier one when both are tidy, and the turns of its
 * event loop are timed.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import dns from 'node:dns/promises';
import { appendFileSync, openSync, readSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const NAME_SERVER = process.env['FAULTS_NAME_SERVER'];
if (NAME_SERVER !== undefined) {
  const servers = [NAME_SERVER];
  dns.Resolver = class extends dns.Resolver {
    constructor(options?: ConstructorParameters<typeof dns.Resolver>[0]) {
      super(options);
      this.setServers(servers);
    }
  };
  syncBuiltinESMExports();
}

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
process.on('SIGUSR2', () => {
  if (typeof collect === 'function') collect();
  takenMs = threadMs(); // the test's own stall
});

/** How often the loop is looked at; a stall is seen with as much beside it. */
const BEAT_MS = 10;
/** Shorter ones are not written down. */
const LEAST_STALL_MS = 20;
const STALL_FILE = process.env['FAULTS_STALL_FILE'];
const SCHEDSTAT = openSync('/proc/self/schedstat', 'r');
const schedstat = Buffer.alloc(64);

/** What the main thread has computed: on a busy machine the clock goes on while it waits for a core. */
function threadMs(): number {
  const length = readSync(SCHEDSTAT, schedstat, 0, schedstat.length, 0);
  return Number(schedstat.toString('latin1', 0, length).split(' ', 1)[0]) / 1e6;
}

let takenMs = 0;
let worstMs = LEAST_STALL_MS;

function beat(file: string): void {
  const now = threadMs();
  const stallMs = now - takenMs;
  takenMs = now;
  if (stallMs <= worstMs) return;
  worstMs = stallMs;
  appendFileSync(file, `${stallMs.toFixed(1)} ${new Date().toISOString()}\n`);
}

/** With the first request: before it the program is loaded, which holds nobody up. */
function begin(): void {
  unsubscribe('http.server.request.start', begin);
  takenMs = threadMs();
  if (STALL_FILE !== undefined) setInterval(beat, BEAT_MS, STALL_FILE).unref();
}
subscribe('http.server.request.start', begin);
