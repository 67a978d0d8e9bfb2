/** Which sockets of systemd are ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inheritedSockets } from '../../../../src/commands/serve/inherited-sockets.ts';

const cases = [
  { name: 'none without the variables', env: {}, fds: [] },
  { name: 'one', env: { LISTEN_PID: '7', LISTEN_FDS: '1' }, fds: [3] },
  {
    name: 'three, with names',
    env: { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:c' },
    fds: [3, 4, 5],
  },
  { name: "another process's are left alone", env: { LISTEN_PID: '8', LISTEN_FDS: '1' }, fds: [] },
  { name: 'a number that is none', env: { LISTEN_PID: '7', LISTEN_FDS: 'x' }, fds: [] },
  { name: 'none passed', env: { LISTEN_PID: '7', LISTEN_FDS: '0' }, fds: [] },
] as const;

for (const { env, fds, name } of cases)
  test(name, () => {
    const given: NodeJS.ProcessEnv = { ...env, PATH: '/bin' };
    assert.deepEqual(inheritedSockets(given, 7), fds);
    assert.deepEqual(given, { PATH: '/bin' });
  });
