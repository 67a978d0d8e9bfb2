/**
 * Loaded into the exporter before itself: what a test needs to see and to fake from outside.
 *
 * Its name server is that of the test, because a machine's resolv.conf is not ours to change, and SIGUSR2
 * collects garbage, because a heap can only be compared with an earlier one when both are tidy.
 */
import dns from 'node:dns/promises';
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
});
