/** What `grants` prints is accepted by the servers, and is enough for every shipped query set. */
import { testPrintedGrants } from '../../support/printed-grants.ts';

/** What the statistics of a server depend on is on or off; binary logs make more to ask for. */
await testPrintedGrants([
  { name: 'mysql', flavour: 'mysql', args: ['--log-bin=binlog', '--server-id=1'] },
  {
    name: 'mariadb',
    flavour: 'mariadb',
    args: ['--log-bin=binlog', '--server-id=2', '--performance-schema=ON', '--userstat=ON'],
  },
  { name: 'mariadb_plain', flavour: 'mariadb', args: ['--performance-schema=OFF'] },
]);
