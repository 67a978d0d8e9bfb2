/** What `grants` prints is enough for every shipped query set on older and newer releases of MariaDB too. */
import { findMariadbRelease } from '../../../harness/programs.ts';
import { testPrintedGrants } from '../../support/printed-grants.ts';

const ARGS = ['--log-bin=binlog', '--server-id=1', '--performance-schema=ON', '--userstat=ON'];

await testPrintedGrants(
  await Promise.all(
    (['10.5', '11.8'] as const).map(async (release) => ({
      name: `mariadb_${release.replace('.', '_')}`,
      flavour: 'mariadb' as const,
      args: ARGS,
      program: await findMariadbRelease(release),
    })),
  ),
);
