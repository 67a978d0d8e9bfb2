/**
 * SIGHUP asks `serve` for a reload, from the first moment on: one that comes while the program starts is kept until it
 * can be done.
 *
 * Comes into effect when it is imported. To every other command the signal means what it always does: the terminal is gone.
 */
let hasCome = false;
let listener = () => {
  hasCome = true;
};
const listen = () => listener();
process.on('SIGHUP', listen);

/** Calls back for each SIGHUP, and at once when one has come already. */
export function onHangup(callBack: () => void): void {
  listener = callBack;
  if (hasCome) callBack();
  hasCome = false;
}

/** Lets SIGHUP end the process, as it does to programs that know nothing of it. */
export function endByHangup(): void {
  process.off('SIGHUP', listen);
  if (hasCome) process.kill(process.pid, 'SIGHUP');
}
