/**
 * SIGUSR1 does nothing: Node.js would open its inspector on a port of this machine, and whoever reaches that may run code in
 * a process that knows passwords.
 *
 * Comes into effect when it is imported, to be before everything else. By a listener and not by `--disable-sigusr1`, which
 * Node.js 20 does not know.
 */
process.on('SIGUSR1', () => {});
