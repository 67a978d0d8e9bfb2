/** Sockets that systemd has opened for this process: sd_listen_fds(3). */

/** The first that may be passed. */
const FIRST = 3;

/**
 * Their descriptors; none when they are meant for another process, such as the shell between systemd and this one.
 *
 * Takes the variables out of the environment: no child process is meant.
 */
export function inheritedSockets(env: NodeJS.ProcessEnv, pid: number): readonly number[] {
  const { LISTEN_FDS: count = '', LISTEN_PID: whose } = env;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (whose !== String(pid) || !/^\d{1,4}$/.test(count)) return [];
  return Array.from({ length: Number(count) }, (_, n) => FIRST + n);
}
